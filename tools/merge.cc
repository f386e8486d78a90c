// SPDX-License-Identifier: MIT
// quadrant merge: puts together the outputs of a planned run from units made by many machines. It
// trusts only the units' own checksums.
#include <iostream>
#include <map>

#include "pipeline/config/utf8.h"
#include "pipeline/observe/terminal.h"
#include "tools/planned_job.h"
#include "tools/signals.h"

namespace quadrant {
namespace {

using UnitsById = std::map<std::string, PlannedUnit>;

void say(const std::string& line) { std::cerr << failed_in_red(printable(line)) << '\n'; }

void print_lacking(const std::string& run, const InputState& input, const UnitsById& units) {
  for (const auto& [id, why] : input.lacking)
    say(fmt::format("{}: {}: {}: {}; quadrant run {} --unit {}",
                    why == "it is missing" ? "missing" : "damaged", id, input.input,
                    units.at(id).range() + (why == "it is missing" ? "" : ": " + why), run, id));
}

void print_results(const std::string& run, const Batch& batch, const UnitsById& units) {
  for (const InputState& input : batch.inputs()) {
    if (input.error.empty())
      say(fmt::format("{}: {}", name_of(input.status), input.output));
    else
      say("failed: " + input.error);
    print_lacking(run, input, units);
  }
}

int merge(const JobOptions& options) {
  static StopFlag stop;
  listen(stop);
  const RunDirectory run(options.config);
  UnitsById units;
  for (const PlannedUnit& unit : run.read_units()) units.emplace(unit.unit.id, unit);
  const PlannedJob planned = job_to_merge(options);
  Batch batch(planned.job, planned.options, stop);
  batch.run();
  print_results(run.path(), batch, units);
  for (const std::string& complaint : batch.diagnostics()) say("journal: " + complaint);
  return stop_asked() ? stopped_code() : exit_code(batch);
}

}  // namespace

Command merge_command() {
  auto options = std::make_shared<JobOptions>();
  return {"merge",
          "join the units of a planned run into outputs, or name the missing ones",
          {{.names = "RUN", .value = &options->config, .help = "a planned run", .required = true},
           {"--overwrite", &options->overwrite, "replace outputs that are not up to date"},
           allow_option(options->allowed)},
          [options] { return merge(*options); }};
}

}  // namespace quadrant
