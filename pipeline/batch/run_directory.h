// SPDX-License-Identifier: MIT
// RUN/, in which many machines do one job:
//
//   job.yaml      the canonical configuration, and the versions it was planned by
//   plan.ndjson   a line a unit, see planned.h
//   units/        ID.packets, the finished ones; ID.json, how long each took; .ID.….part, growing
//   failed/       ID.json, why a unit failed the last time
//   submit/       what `quadrant submit` wrote
//
// The first two are never changed; everything else appears under its name when it is whole. Names
// of inputs and outputs are as the user gave them: relative ones need the same working directory.
#pragma once

#include <string>
#include <vector>

#include "pipeline/batch/planned.h"
#include "pipeline/config/job_spec.h"

namespace quadrant {

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
