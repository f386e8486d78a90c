// SPDX-License-Identifier: MIT
// An input as a job names it: what to open, and what of it to take.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quadrant {

// What is taken of an input. Times are in seconds of the input's own clock, which starts at 0.
struct Selection {
  double start = 0;           // the first moment that is taken
  std::optional<double> end;  // the first moment that is not; nullopt: all that follows
  std::optional<int> video;   // the stream to process, by its number; nullopt: the largest
  // Streams by number or language; empty: all; only "none": none.
  std::vector<std::string> audio, subtitles;

  bool is_trimmed() const { return start > 0 || end; }
  friend bool operator==(const Selection&, const Selection&) = default;
};

struct InputSpec {
  std::string name;  // a file, glob, URL, image sequence, "-" or "lavfi:GRAPH"
  Selection taken = {};

  InputSpec() = default;
  InputSpec(std::string all) : name(std::move(all)) {}  // NOLINT: a name alone is an input
  InputSpec(const char* all) : name(all) {}             // NOLINT
  InputSpec(std::string of, Selection what) : name(std::move(of)), taken(std::move(what)) {}
  friend bool operator==(const InputSpec&, const InputSpec&) = default;
};

}  // namespace quadrant
