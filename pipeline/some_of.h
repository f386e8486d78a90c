// SPDX-License-Identifier: MIT
// Some of a list, spread evenly over it and in its order; all of it where it has no more.
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
