// SPDX-License-Identifier: MIT
// libav explains its failures only in its log: "Invalid argument" says nothing, the log line
// before it does. The log is kept back, a few lines a thread, and the last error goes into the
// message of the Error that follows.
#pragma once

#include <string>

namespace quadrant {

void keep_libav_log();             // once, before anything else of libav
std::string take_libav_error();    // this thread's last error line; "" if none; forgets it
std::string take_libav_warning();  // the same of warnings
// Error lines of decoders and demuxers since the thread's last call: damaged input shows here.
long take_libav_error_count();

}  // namespace quadrant
