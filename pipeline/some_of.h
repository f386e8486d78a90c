// SPDX-License-Identifier: MIT
// Takes some elements of a list, evenly spread and in order; all of them if there are no more.
#pragma once

#include <cstddef>
#include <vector>

namespace quadrant {

template <class T>
std::vector<T> some_of(const std::vector<T>& all, std::size_t count) {
  if (all.size() <= count) return all;
  std::vector<T> some;
  for (std::size_t i = 0; i < count; ++i) some.push_back(all[i * all.size() / count]);
  return some;
}

}  // namespace quadrant
