// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

// The frames before and after a frame that its result depends on, too.
struct FilterMemory {
  int before = 0, after = 0;
  bool none() const { return before == 0 && after == 0; }
};

// What this libavfilter chain remembers, if it makes exactly one output frame from each input
// frame. nullopt: that is not certain.
std::optional<FilterMemory> known_memory_of(const std::string& chain);

// The first filter because of which it is not certain, or the whole chain.
std::string first_unknown(const std::string& chain);

// The filters allowed in such a chain.
std::vector<std::string_view> known_filters();

}  // namespace quadrant
