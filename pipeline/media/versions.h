// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace quadrant {

std::string quadrant_version();  // "0.2.0"
std::string library_versions();  // Quadrant's and those that shape the output
std::string md5_hex(const std::string& text);

}  // namespace quadrant
