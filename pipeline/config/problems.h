// SPDX-License-Identifier: MIT
// Whoever corrects a configuration wants to see all that is wrong with it at once, so checks add
// what they find here and go on; the reading ends with one Error that holds all of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config/source.h"

namespace quadrant {

class Problems {
 public:
  void add(const SourceLocation& location, std::string_view text) {
    messages_.push_back(location.message(text));
  }
  void throw_if_any() const;

 private:
  std::vector<std::string> messages_;
};

}  // namespace quadrant
