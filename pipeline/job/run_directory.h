// SPDX-License-Identifier: MIT
// RUN/, the directory in which many machines do one job:
//
//   job.yaml      the canonical configuration, and the versions it was planned with
//   plan.ndjson   one line per unit: a PlannedUnit
//   units/        ID.packets: finished units; ID.json: their seconds; .ID.….part: growing units
//   failed/       ID.json: why a unit's last attempt failed
//   submit/       what `quadrant submit` wrote
//
// The first two never change; every other file gets its name when it is complete. Names of inputs
// and outputs are as the user gave them: relative ones need the same working directory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/config/job_spec.h"
#include "pipeline/job/input_share.h"

namespace quadrant {

struct Plan;

// A unit as written in the plan file. The units depend only on the inputs' contents, the
// configuration and the versions, so any two machines plan the same.
struct PlannedUnit {
  Unit unit;
  InputSpec input;                 // as the user gave it,
  std::string output;              // and as the job names it
  JobKey key;                      // from shared_key()
  std::optional<double> from, to;  // seconds of a segment; none at the input's start and end

  std::string range() const;  // "segment 3, 20.000 s to 30.000 s"
};

std::vector<PlannedUnit> planned_units(const Plan& plan, const JobKey& key);

std::string to_line(const PlannedUnit& unit);  // JSON, without the newline
// Throws Error(usage) with only the reason if the line is not from a plan or was changed.
PlannedUnit unit_of_line(const std::string& line);

// One share per input, units in their order; `chosen` are the units to be done. `common` holds the
// values that all shares have in common.
std::vector<std::shared_ptr<const InputShare>> shares_of(const std::vector<PlannedUnit>& all,
                                                         const std::vector<PlannedUnit>& chosen,
                                                         const InputShare& common);

class RunDirectory {
 public:
  explicit RunDirectory(std::string path);

  const std::string& path() const { return path_; }
  bool is_planned() const;
  std::string job_file() const { return path_ + "/job.yaml"; }
  std::string plan_file() const { return path_ + "/plan.ndjson"; }
  std::string units() const { return path_ + "/units"; }
  std::string failed() const { return path_ + "/failed"; }
  std::string submit() const { return path_ + "/submit"; }

  // Creates the directory. If it already holds the same units, only the job's `run:` section is
  // renewed; if it holds others, it is refused. Throws Error(usage), Error(temporary).
  void write(const JobSpec& job, const std::vector<PlannedUnit>& units) const;
  // Throws Error(usage) if the plan is missing or damaged.
  std::vector<PlannedUnit> read_units() const;
  // What the shares of all inputs have in common.
  InputShare common_share() const;

 private:
  std::string path_;
};

}  // namespace quadrant
