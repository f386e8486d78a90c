// SPDX-License-Identifier: MIT
// What was found out about an input while it was processed: its damage, its changes, when its
// pictures begin and end. Plain values, which travel from the codec to the report, and are kept
// with a unit, so that a later run tells the same.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "pipeline/observe/diagnostics.h"

namespace quadrant {

// A stretch of an input's clock, in seconds.
struct TimeSpan {
  double begin = 0, end = -1;

  bool empty() const { return end < begin; }
  double length() const { return end - begin; }
  void add(const TimeSpan& more) {
    if (more.empty()) return;
    *this = empty() ? more : TimeSpan{std::min(begin, more.begin), std::max(end, more.end)};
  }
};

struct Findings {
  std::int64_t packets = 0;    // of the video, to be decoded
  std::int64_t undecoded = 0;  // of these, refused by the decoder
  std::int64_t pictures = 0;   // decoded, of those that the unit gives
  std::int64_t taken = 0;      // pictures, by the encoder
  std::int64_t damaged = 0;    // of `pictures`, not whole by what the decoder says
  Diagnostics reading, decoding;
  std::set<int> unplanned;  // streams of the input that the plan did not have
  // Pictures and frames of sound that are not as the input's beginning: what became of them, and
  // how many.
  std::map<std::string, std::int64_t> changes;
  std::map<std::string, std::int64_t> subtitles;  // what converted ones lost, and how many
  std::int64_t untimed = 0;   // of `pictures`: they had no time, and got one by the rate
  std::int64_t repeated = 0;  // of `pictures`: their time was that of an earlier one, or before it
  // What pictures carry besides samples, only later ones than the first, and the output does not
  // keep; when it begins, in seconds.
  std::map<std::string, double> late;
  TimeSpan decoded, encoded;  // of the pictures

  void add(const Findings& more) {
    packets += more.packets;
    undecoded += more.undecoded;
    pictures += more.pictures;
    taken += more.taken;
    damaged += more.damaged;
    reading.add(more.reading);
    decoding.add(more.decoding);
    unplanned.insert(more.unplanned.begin(), more.unplanned.end());
    for (const auto& [what, frames] : more.changes) changes[what] += frames;
    for (const auto& [what, count] : more.subtitles) subtitles[what] += count;
    untimed += more.untimed;
    repeated += more.repeated;
    for (const auto& [what, begin] : more.late)
      late[what] = std::min(late.try_emplace(what, begin).first->second, begin);
    decoded.add(more.decoded);
    encoded.add(more.encoded);
  }
};

}  // namespace quadrant
