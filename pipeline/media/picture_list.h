// SPDX-License-Identifier: MIT
// The files that are the pictures of a film, in its order. It depends on names and contents alone,
// not on the locale, nor on the order in which a directory lists them.
#pragma once

#include <string>
#include <vector>

#include "pipeline/input_spec.h"

namespace quadrant {

struct PictureList {
  std::vector<std::string> files;  // one that is repeated more than once
  std::vector<std::string> notes;  // what was done about holes and times
};

// Throws Error(input) if there is no picture, or one is missing and must not.
PictureList list_pictures(const InputSpec& input);

// All files that `name`, a glob or a pattern with a number, stands for, in their natural order.
std::vector<std::string> picture_files(const std::string& name);

}  // namespace quadrant
