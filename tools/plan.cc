// SPDX-License-Identifier: MIT
// quadrant plan: writes the job's units into RUN/, for many machines to do.
#include <iostream>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/job/names.h"
#include "pipeline/job/run_directory.h"
#include "pipeline/media/standard_output.h"
#include "pipeline/observe/terminal.h"
#include "pipeline/store/identity.h"
#include "stages/stages.h"
#include "tools/job_options.h"

namespace quadrant {
namespace {

struct PlanOptions {
  JobOptions job;
  std::string run;
};

std::vector<PlannedUnit> units_of(const JobSpec& job, Batch& batch) {
  const std::string canonical = canonical_job(job, content_of);
  std::vector<PlannedUnit> units;
  std::size_t i = 0;
  for (const std::shared_ptr<const Plan>& plan : batch.plans(true)) {
    const InputState& input = batch.inputs()[i++];
    if (!plan) continue;
    const JobKey key = shared_key(canonical, input.spec(), input.output);
    for (PlannedUnit& unit : planned_units(*plan, key)) units.push_back(std::move(unit));
  }
  return units;
}

// What a user should know before many machines start.
void print_inputs(const Batch& batch) {
  const auto say = [](std::string_view what, const std::string& text) {
    std::cerr << failed_in_red(printable(fmt::format("{}: {}", what, text))) << '\n';
  };
  for (const InputState& input : batch.inputs()) {
    if (!input.error.empty()) say("failed", input.error);
    for (const std::string& loss : input.losses) say("lost", input.input + ": " + loss);
    for (const std::string& note : input.notes) say("note", input.input + ": " + note);
  }
}

int plan_job(const PlanOptions& options) {
  const JobSpec job = options.job.read();
  if (job.output.container == "null")
    fail(Fault::usage, "container null writes nothing, so there is nothing to plan");
  if (is_standard_output(output_name(job.output.path, "input", 1)))
    fail(Fault::usage,
         "a planned run makes files; set output.path to a file such as out/{{stem}}.mkv");
  const StopFlag never;
  Batch batch(job, options.job.batch_options(job), never);
  const std::vector<PlannedUnit> units = units_of(job, batch);
  print_inputs(batch);
  if (units.empty()) return exit_code(batch);
  const RunDirectory run(options.run);
  run.write(job, units);
  read_job_file(run.job_file(), all_stages());  // other machines will read this file
  double cost = 0;
  for (const PlannedUnit& unit : units) cost += unit.unit.cost;
  std::cerr << printable(fmt::format(
                   "{}: {}, {:.0f} million samples; next: quadrant run {} --shard I/N, then "
                   "quadrant merge {}",
                   run.path(), counted(std::ssize(units), "unit"), cost, run.path(), run.path()))
            << '\n';
  return exit_code(batch);
}

}  // namespace

Command plan_command() {
  auto options = std::make_shared<PlanOptions>();
  std::vector<Option> declared;
  for (Option& option : options->job.declared()) {
    if (option.names == "--overwrite" || option.names == "--fail-fast") continue;
    if (option.names == "-o,--output")
      option = {.names = "-o,--output",
                .value = &options->run,
                .help = "directory to create, on a file system that all machines share",
                .type = "RUN",
                .required = true};
    declared.push_back(std::move(option));
  }
  return {"plan", "split the job into units for several machines", std::move(declared),
          [options] { return plan_job(*options); }};
}

}  // namespace quadrant
