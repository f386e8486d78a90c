// SPDX-License-Identifier: MIT
#include "pipeline/config/problems.h"

#include <fmt/ranges.h>

namespace quadrant {

void Problems::throw_if_any() const {
  constexpr std::size_t most = 20;  // what fits on a screen
  if (messages_.empty()) return;
  if (messages_.size() <= most) fail(Fault::usage, "{}", fmt::join(messages_, "\n"));
  const std::vector<std::string> first(messages_.begin(), messages_.begin() + most);
  fail(Fault::usage, "{}\nand {} more", fmt::join(first, "\n"), messages_.size() - most);
}

}  // namespace quadrant
