// SPDX-License-Identifier: MIT
#include "tools/planned_job.h"

#include <algorithm>
#include <filesystem>

#include "pipeline/runners/shard.h"

namespace quadrant {
namespace {

// The plan's inputs with the units to do; `common` holds what all shares have in common.
PlannedJob job_of(const JobOptions& options, const std::vector<PlannedUnit>& units,
                  const std::vector<PlannedUnit>& wanted, const InputShare& common) {
  if (!options.inputs.empty() || !options.output.empty())
    fail(Fault::usage, "{}: its inputs and outputs are planned; plan another run for others",
         options.config);
  PlannedJob planned{.job = options.read_file(RunDirectory(options.config).job_file())};
  planned.options = options.batch_options(planned.job);
  JobOptions alone = options;  // for the command that reproduces a crashed unit
  alone.config = RunDirectory(options.config).job_file();
  planned.options.reproduce = [alone](const auto& unit) { return alone.unit_command(unit); };
  planned.options.inputs.clear();
  planned.options.shares = shares_of(units, wanted, common);
  for (const auto& share : planned.options.shares) planned.options.inputs.push_back(share->input);
  return planned;
}

}  // namespace

bool is_run_directory(const std::string& config) {
  std::error_code ignored;
  return std::filesystem::is_directory(config, ignored);
}

std::vector<PlannedUnit> chosen(const std::vector<PlannedUnit>& units, const Choice& choice) {
  if (!choice.shard.empty() && !choice.ids.empty())
    fail(Fault::usage, "--shard and --unit are two choices; give one");
  std::vector<PlannedUnit> found;
  if (choice.ids.empty()) {
    std::vector<const Unit*> all;
    for (const PlannedUnit& planned : units) all.push_back(&planned.unit);
    const Shard shard = choice.shard.empty() ? Shard{} : shard_named(choice.shard);
    for (const std::size_t i : units_of_shard(all, shard)) found.push_back(units[i]);
    return found;
  }
  for (const std::string& id : choice.ids) {
    const auto unit = std::ranges::find(units, id, [](const auto& u) { return u.unit.id; });
    if (unit == units.end()) fail(Fault::usage, "--unit {}: the plan has no such unit", id);
    found.push_back(*unit);
  }
  return found;
}

PlannedJob planned_job(const JobOptions& options, const Choice& choice) {
  const RunDirectory run(options.config);
  const std::vector<PlannedUnit> units = run.read_units();
  return job_of(options, units, chosen(units, choice), run.common_share());
}

PlannedJob job_to_merge(const JobOptions& options) {
  const RunDirectory run(options.config);
  const std::vector<PlannedUnit> units = run.read_units();
  InputShare common = run.common_share();
  common.merges = true;
  return job_of(options, units, units, common);
}

}  // namespace quadrant
