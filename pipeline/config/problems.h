// SPDX-License-Identifier: MIT
// A user who corrects a configuration wants to see all its errors at once. So checks collect errors
// here and go on; reading ends with one Error that holds all of them.
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
