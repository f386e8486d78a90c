// SPDX-License-Identifier: MIT
// libav explains its failures only in its log: "Invalid argument" says nothing, the log line
// before it does. The log is kept back, a few lines a thread, and the last error goes into the
// message of the Error that follows.
#pragma once

#include <cstdint>
#include <string>

namespace quadrant {

void keep_libav_log();             // once, before anything else of libav
std::string take_libav_error();    // this thread's last error line; "" if none; forgets it
std::string take_libav_warning();  // the same of warnings

// Error lines of libav, some of which say that an input is damaged.
struct Complaints {
  std::int64_t lines = 0;
  std::string first;

  void add(const Complaints& later);
};
// What this thread heard since its last call, and forgets now.
Complaints take_complaints();
// The same, but only what demuxers themselves said: to find out what is in a file, libavformat
// decodes some of it, and will do so again.
Complaints take_demuxer_complaints();

}  // namespace quadrant
