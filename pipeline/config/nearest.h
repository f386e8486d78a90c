// SPDX-License-Identifier: MIT
// "did you mean 'radius'?": the known name that a mistyped one is nearest to.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace quadrant {

// The name that differs least from `word`; empty if none is near enough to be what was meant.
std::string_view nearest(std::string_view word, std::span<const std::string_view> names);

// ", did you mean 'radius'?", else what there is: " (known: radius, sigma)".
std::string suggestion(std::string_view word, std::span<const std::string_view> names);

}  // namespace quadrant
