// SPDX-License-Identifier: MIT
// libav explains its failures only in its log: "Invalid argument" says nothing, the log line
// before it does. The log is kept back, a few lines a thread, and the last error goes into the
// message of the Error that follows.
#pragma once

#include <string>

#include "pipeline/observe/diagnostics.h"

namespace quadrant {

void keep_libav_log();             // once, before anything else of libav
std::string take_libav_error();    // this thread's last error line; "" if none; forgets it
std::string take_libav_warning();  // the same of warnings

// Error lines of libav, some of which say that an input is damaged: what this thread heard since
// its last call, and forgets now.
Diagnostics take_diagnostics();
// The same, but only what demuxers themselves said: to find out what is in a file, libavformat
// decodes some of it, and will do so again.
Diagnostics take_demuxer_diagnostics();

}  // namespace quadrant
