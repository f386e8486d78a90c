// SPDX-License-Identifier: MIT
// Which files an input reads, however it names them, so that no output replaces one.
#pragma once

#include <string>
#include <vector>

#include "pipeline/store/paths.h"

namespace quadrant {

// By name, by a protocol (file:, concat:, subfile:), in a filter (lavfi:movie=...), in a playlist
// (ffconcat, m3u8, mpd), or as what standard input is. Files that do not exist are left out.
std::vector<FileId> files_behind(const InputSpec& input);

}  // namespace quadrant
