// SPDX-License-Identifier: MIT
// A written file is read back before it gets its name: successful calls prove little (a muxer may
// note a full disk and continue, a container may lack its index).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/media/output_plan.h"
#include "pipeline/media/stop.h"

namespace quadrant {

struct Written {
  std::string container;      // libavformat's muxer name
  int streams = 0;            // with packets
  std::int64_t pictures = 0;  // packets of the encoded stream
  std::vector<KeptProperty> kept;
  double first_seconds = 0, last_seconds = 0;  // presentation times of its pictures
};

// Throws Error(temporary) with the difference, Error(input) if the file lacks what it should keep.
// For a container that libavformat can write but not read, checks only the size. Reports progress
// to `stop`, but does not stop.
void check_written(const std::string& path, const Written& written, const StopFlag& stop);

}  // namespace quadrant
