// SPDX-License-Identifier: MIT
// RUN/, in which many machines do one job:
//
//   job.yaml      the canonical configuration, and the versions it was planned by
//   plan.ndjson   a line a unit: a PlannedUnit
//   units/        ID.packets, the finished ones; ID.json, how long each took; .ID.….part, growing
//   failed/       ID.json, why a unit failed the last time
//   submit/       what `quadrant submit` wrote
//
// The first two are never changed; everything else appears under its name when it is whole. Names
// of inputs and outputs are as the user gave them: relative ones need the same working directory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/config/job_spec.h"
#include "pipeline/job/input_share.h"

namespace quadrant {

struct Plan;

// A unit as the plan file has it. Which units there are follows from the inputs' contents, the
// configuration and the versions alone, so two machines that plan write the same.
struct PlannedUnit {
  Unit unit;
  std::string input, output;       // as the user gave them
  JobKey key;                      // by shared_key()
  std::optional<double> from, to;  // seconds of a segment; none at the input's beginning and end

  std::string range() const;  // "segment 3, 20.000 s to 30.000 s"
};

std::vector<PlannedUnit> planned_units(const Plan& plan, const JobKey& key);

std::string to_line(const PlannedUnit& unit);  // JSON, without its end
// Throws Error(usage), the reason only, if that is no line of a plan, or one that was changed.
PlannedUnit unit_of_line(const std::string& line);

// Of the units of each input, in their order; `chosen` are those that are to be done. `common` is
// what all shares have alike.
std::vector<std::shared_ptr<const InputShare>> shares_of(const std::vector<PlannedUnit>& all,
                                                         const std::vector<PlannedUnit>& chosen,
                                                         const InputShare& common);

class RunDirectory {
 public:
  explicit RunDirectory(std::string path);

  const std::string& path() const { return path_; }
  bool is_planned() const;  // has a plan
  std::string job_file() const { return path_ + "/job.yaml"; }
  std::string plan_file() const { return path_ + "/plan.ndjson"; }
  std::string units() const { return path_ + "/units"; }
  std::string failed() const { return path_ + "/failed"; }
  std::string submit() const { return path_ + "/submit"; }

  // Makes the directory. One that holds the same units is as good, and gets the job's `run:` of
  // now; one that holds others is refused. Throws Error(usage), Error(temporary).
  void write(const JobSpec& job, const std::vector<PlannedUnit>& units) const;
  // Throws Error(usage) if there is no plan, or a damaged one.
  std::vector<PlannedUnit> read_units() const;
  // What the shares of all inputs have in common.
  InputShare common_share() const;

 private:
  std::string path_;
};

}  // namespace quadrant
