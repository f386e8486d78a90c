// SPDX-License-Identifier: MIT
// Checks that a job computes the same in every mode. Runs it in cells (a mode, a number of cores, a
// limit of frames in progress), looks at every picture after decode, after each stage and before
// the encoder, and at the files, and names the first difference from the reference.
//
// Frames are compared with those of the reference (`reference.h`); files with those of the first
// cell, since the reference is never cut into segments, and a cut is part of the job. An additional
// cell comes first: `reach`, in which each stage sees only the rows that it declared to read.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/config/job_spec.h"
#include "pipeline/media/stop.h"

namespace quadrant {

struct VerifyCell {
  bool confined = false;  // `reach`; in mode sequential
  Mode mode = Mode::sequential;
  int cores = 1;
  int in_flight = 0;  // as in Resources

  bool operator==(const VerifyCell&) const = default;
};
std::string name_of(const VerifyCell& cell);  // "frames on 2 cores, 4 in flight"

// The first difference of one input in one run. Frames are numbered from 0 in order of time.
struct Difference {
  std::string input;
  std::string stage;  // "decode", a stage's name, "encode": the encoder's input
  int number = 0;     // of the stage, from 1, conversions included; 0: none
  std::int64_t frame = 0, pts = 0;
  double seconds = 0;  // of the frame
  enum class Kind { differs, missing, extra } kind = Kind::differs;

  // Where the frame differs, unless it is missing or extra.
  std::string tile;  // "tile 2 of 4 (rows 32 to 63)"
  struct Sample {
    int plane = 0, x = 0, y = 0;  // in the plane's own grid; x counts bytes if samples are packed
    std::string component;        // "Y", "Cb" ...
    long value = 0, expected = 0;
  };
  std::optional<Sample> sample;  // none: the reference made a different picture the second time

  struct Spread {
    std::string stage;
    std::int64_t frames = 0;
  };
  std::vector<Spread> spread;  // differing frames by point, from the first point that differs
};
std::string describe(const Difference& difference);  // one line

struct VerifiedCell {
  VerifyCell cell;
  int round = 0;
  std::int64_t frames = 0;  // that the encoder took, for all inputs
  std::int64_t peak = 0;    // frames in progress
  double seconds = 0;
  std::vector<std::string> refused;     // inputs whose plan refuses the mode, and why
  std::vector<std::string> failures;    // error messages of inputs that failed here
  std::vector<Difference> differences;  // at most one per input
  std::vector<std::string> files;       // the first difference of each input's files
  std::vector<std::string> breaches;    // writes outside of a stage's tile

  bool agrees() const { return differences.empty() && files.empty() && breaches.empty(); }
};

struct VerifyResult {
  struct Input {
    std::string name;
    std::string failure;    // why there is no reference; then no cell ran it
    bool unsteady = false;  // the reference's second run made something else
    std::vector<std::string> points;
    std::int64_t frames = 0;  // at the encoder
  };
  std::vector<Input> inputs;
  std::vector<VerifiedCell> cells;  // in the order in which they ran

  bool agrees() const;    // no run differed
  bool complete() const;  // everything ran to its end, or was refused by the plan
};

struct VerifyOptions {
  std::vector<InputSpec> inputs;  // expanded; each must be readable more than once
  std::vector<VerifyCell> cells;  // the first that is not `reach` makes the expected files
  int rounds = 1;
  std::int64_t memory = 0;  // as in BatchOptions
  bool strict = false;      // as in BatchOptions
  std::string directory;    // for the outputs, used by nothing else
  std::function<void(const std::string& what, double seconds)> told;  // after each run; may be null
};

// Throws Error(usage) for what can be refused without opening an input, Error(stopped) once the
// flag is raised.
VerifyResult verify(const JobSpec& job, const VerifyOptions& options, const StopFlag& stop);

}  // namespace quadrant
