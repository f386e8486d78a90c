// SPDX-License-Identifier: MIT
// "did you mean 'radius'?": finds the known name nearest to a mistyped one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace quadrant {

// The name that differs least from `word`; empty if none is close enough to be meant.
std::string_view nearest(std::string_view word, std::span<const std::string_view> names);

// ", did you mean 'radius'?", or else the known names: " (known: radius, sigma)".
std::string suggestion(std::string_view word, std::span<const std::string_view> names);

}  // namespace quadrant
