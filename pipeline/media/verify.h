// SPDX-License-Identifier: MIT
// What was written is read again before it gets its name: that every call succeeded proves little
// (a muxer may note a full disk and go on, a container may be short of its index).
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/media/stop.h"

namespace quadrant {

struct Written {
  std::string container;                       // libavformat's muxer name
  int streams = 0;                             // that have packets
  std::int64_t pictures = 0;                   // packets of the stream that was encoded
  double first_seconds = 0, last_seconds = 0;  // presentation times of its pictures
};

// Throws Error(temporary) naming what differs. A container that libavformat can write and not read
// is only looked at for its size. `stop` is told that it gets on; it ends nothing here.
void check_written(const std::string& path, const Written& written, const StopFlag& stop);

}  // namespace quadrant
