// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

// Does each output frame of this libavfilter chain depend on one input frame and nothing else, with
// one frame out for each one in? Answers false wherever that is not certain.
bool is_stateless_chain(const std::string& chain);

// The filters that can be in such a chain.
std::vector<std::string_view> stateless_filters();

}  // namespace quadrant
