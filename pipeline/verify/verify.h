// SPDX-License-Identifier: MIT
// Does a job compute the same however it is run? Runs it in cells (a mode, a number of cores, a
// limit of frames in flight), looks at every picture after decode, after each stage and before the
// encoder, and at the files, and names the first that is not the reference's.
//
// The frames are compared with the reference's of `reference.h`; the files with those of the first
// cell, since the reference is never cut into segments and a cut is part of the job. One cell more
// comes first: `reach`, in which each stage sees the rows that it declared to read and no others.
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

// The first that differs of one input in one run. A frame is numbered from 0 in order of time.
struct Difference {
  std::string input;
  std::string stage;  // "decode", a stage's name, "encode": what the encoder was about to get
  int number = 0;     // of the stage, from 1, conversions too; 0: none
  std::int64_t frame = 0, pts = 0;
  double seconds = 0;  // of the frame
  enum class Kind { differs, missing, extra } kind = Kind::differs;

  // Where they differ, unless frames are missing or too many.
  std::string tile;  // "tile 2 of 4 (rows 32 to 63)"
  struct Sample {
    int plane = 0, x = 0, y = 0;  // in the plane's own grid; x: bytes where samples are packed
    std::string component;        // "Y", "Cb" ...
    long value = 0, expected = 0;
  };
  std::optional<Sample> sample;  // none: the reference made yet another picture the second time

  struct Spread {
    std::string stage;
    std::int64_t frames = 0;
  };
  std::vector<Spread> spread;  // frames that differ, by point, from the first one that does
};
std::string describe(const Difference& difference);  // one line

struct VerifiedCell {
  VerifyCell cell;
  int round = 0;
  std::int64_t frames = 0;  // that the encoder took, of all inputs
  std::int64_t peak = 0;    // frames in progress
  double seconds = 0;
  std::vector<std::string> refused;     // inputs whose plan cannot be run so, and why
  std::vector<std::string> failures;    // inputs that failed here, in their own words
  std::vector<Difference> differences;  // at most one an input
  std::vector<std::string> files;       // the first difference of an input's files, the same
  std::vector<std::string> breaches;    // a stage wrote where it must not, and was seen

  bool agrees() const { return differences.empty() && files.empty() && breaches.empty(); }
};

struct VerifyResult {
  struct Input {
    std::string name;
    std::string failure;    // why there is no reference; then no cell had it
    bool unsteady = false;  // the reference itself made something else the second time
    std::vector<std::string> points;
    std::int64_t frames = 0;  // before the encoder
  };
  std::vector<Input> inputs;
  std::vector<VerifiedCell> cells;  // in the order in which they ran

  bool agrees() const;    // nothing that ran differed
  bool complete() const;  // everything ran to its end, or the plan refused it
};

struct VerifyOptions {
  std::vector<std::string> inputs;  // expanded; each must be one that can be read again
  std::vector<VerifyCell> cells;    // the first that is not confined makes the files to compare
  int rounds = 1;
  std::int64_t memory = 0;  // as in BatchOptions
  bool strict = false;      // as in BatchOptions
  std::string directory;    // of ours alone, for the outputs
  std::function<void(const std::string& what, double seconds)> told;  // of each run; may be null
};

// Throws Error(usage) for what can be refused without opening an input, Error(stopped) once the
// flag is raised.
VerifyResult verify(const JobSpec& job, const VerifyOptions& options, const StopFlag& stop);

}  // namespace quadrant
