// SPDX-License-Identifier: MIT
// quadrant unit: does one unit of one input alone, in this process, and keeps nothing. For a unit
// that crashed or hung, a run prints this command, for a debugger or a bug report.
#include <iostream>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/runners/worker.h"
#include "stages/stages.h"
#include "tools/job_options.h"
#include "tools/scratch.h"

namespace quadrant {
namespace {

struct UnitOptions {
  JobOptions job;
  std::string unit;
};

// The unit with this name among an input's units.
const Unit& unit_named(const std::string& name, const std::vector<Unit>& units) {
  const int segments = static_cast<int>(units.size()) - 1;
  if (units.size() == 1 && name.empty()) return units.front();
  if (units.size() == 1)
    fail(Fault::usage, "--unit {}: the input is not cut; omit --unit to process the whole input",
         name);
  if (name.empty())
    fail(Fault::usage, "the input is cut: give --unit rest or a segment number from 1 to {}",
         segments);
  for (const Unit& unit : units)
    if (name == (unit.kind == Unit::Kind::rest ? "rest" : std::to_string(unit.number())))
      return unit;
  fail(Fault::usage, "--unit must be rest or a segment number from 1 to {}, not {}", segments,
       name);
}

int do_unit(const UnitOptions& options) {
  const JobSpec job = options.job.read();
  const StopFlag never;
  const BatchOptions batch_options = options.job.batch_options(job);
  const Batch batch(job, batch_options, never);
  if (batch.inputs().size() != 1) fail(Fault::usage, "one input is wanted");
  const InputState& input = batch.inputs().front();
  const Resources resources = batch.resources();
  UnitHost host(all_stages(), never);
  const Opened opened = host.open({.job = job.text,
                                   .input = input.spec(),
                                   .output = input.output,
                                   .mode = batch_options.mode,
                                   .resources = resources});
  const Unit& unit = unit_named(options.unit, opened.outline.units);
  const Scratch scratch("unit");
  const bool whole = unit.kind == Unit::Kind::whole;
  const Answer done = host.run(
      {.unit = unit,
       .head = whole ? "" : "{}",
       .path = scratch.file(whole ? fs::path(input.output).filename().string() : "packets"),
       .cores = resources.cores,
       .memory = resources.memory});
  std::cerr << printable(fmt::format("{}: {}: {}, not kept", input.input, name_of(unit),
                                     counted(done.metrics.frames_out, "frame")))
            << '\n';
  return all_done;
}

}  // namespace

Command unit_command() {
  auto options = std::make_shared<UnitOptions>();
  std::vector<Option> declared =
      options->job.declared({"CONFIG", "INPUT", "-o,--output", "-m,--mode", "-c,--cores",
                             "--memory", "--set", "--allow"});
  declared.push_back(
      {"--unit", &options->unit, "of a cut input: a segment number from 1, or rest", "UNIT"});
  return {"unit", "run one unit of one input, keep nothing; for reproducing a failure",
          std::move(declared), [options] { return do_unit(*options); }};
}

}  // namespace quadrant
