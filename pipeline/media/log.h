// SPDX-License-Identifier: MIT
// libav explains its failures only in its log: the error code says "Invalid argument", the log line
// before it says why. So a few lines of the log are kept per thread, and the last error is included
// in the message of the Error that follows.
#pragma once

#include <string>

#include "pipeline/observe/diagnostics.h"

namespace quadrant {

void keep_libav_log();             // call once, before all other uses of libav
std::string take_libav_error();    // returns and clears this thread's last error line; "" if none
std::string take_libav_warning();  // the same for warnings

// Error lines of libav in this thread since its last call, some of which report damage in an input;
// clears them.
Diagnostics take_diagnostics();
// The same, but only lines from demuxers: to find out what is in a file, libavformat decodes some
// of it, and will decode it again later.
Diagnostics take_demuxer_diagnostics();

}  // namespace quadrant
