// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

// Does this libavfilter chain make exactly one output frame from each input frame, depending on
// nothing else? False unless that is certain.
bool is_stateless_chain(const std::string& chain);

// The filters allowed in such a chain.
std::vector<std::string_view> stateless_filters();

}  // namespace quadrant
