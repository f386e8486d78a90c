// SPDX-License-Identifier: MIT
// quadrant advise: which mode, how many cores, what limits the speed, what a change would gain;
// from a short calibration and the bounds that its costs imply.
#include <algorithm>
#include <array>
#include <iostream>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/execute/budget.h"
#include "pipeline/job/batch.h"
#include "pipeline/observe/clocks.h"
#include "pipeline/plan/choose.h"
#include "pipeline/scaling/statistics.h"
#include "pipeline/some_of.h"
#include "tools/advise_output.h"
#include "tools/bench_cells.h"
#include "tools/bench_rounds.h"
#include "tools/page.h"
#include "tools/side_file.h"
#include "tools/signals.h"
#include "tools/table.h"

namespace quadrant {
namespace {

constexpr std::size_t most_planned = 64;  // inputs; further ones are assumed to be like them

struct AdviseOptions {
  JobOptions job;
  std::string cores, json, html;
  double seconds = 10;
  int runs = 3;
  bool check = false;
};

// Plans in the mode that refuses nothing; what other modes refuse is asked later.
BatchOptions planned_options(const JobOptions& options, const JobSpec& job) {
  BatchOptions planned = options.batch_options(job);
  planned.mode = Mode::sequential;
  planned.inputs = some_of(planned.inputs, most_planned);
  return planned;
}

// Throws the first input's error if none can be planned.
PlannedInputs planned_inputs(Batch& batch) {
  PlannedInputs planned;
  const double began = process_cpu_seconds();
  planned.plans = batch.plans();
  planned.cpu_seconds = process_cpu_seconds() - began;
  if (std::ranges::any_of(planned.plans, [](const auto& plan) { return bool(plan); }))
    return planned;
  const InputState& first = batch.inputs().front();
  throw Error(first.fault, first.error);
}

Obstacle obstacle_of(const Calibration& calibration) {
  return [plans = calibration.plans](Mode mode) -> std::string {
    try {
      for (const auto& plan : plans)
        if (plan) choose_mode(mode, *plan);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
}

// The next faster preset, for encoders with such presets; empty if there is none.
std::string faster_preset(const std::string& encoder, const JobSpec& job) {
  constexpr std::array presets{"ultrafast", "superfast", "veryfast", "faster",  "fast",
                               "medium",    "slow",      "slower",   "veryslow"};
  if (encoder != "libx264" && encoder != "libx265") return "";
  std::string now = "medium";
  for (const LibavOption& option : job.output.video.options)
    if (option.name == "preset") now = option.value;
  const auto found = std::ranges::find(presets, now);
  return found == presets.begin() || found == presets.end() ? "" : *std::prev(found);
}

// Measured, not guessed: the encoder's costs from a shorter calibration with that preset.
std::vector<Change> preset_change(const AdviseOptions& o, const JobSpec& job,
                                  const Calibration& calibration, const StopFlag& stop) {
  const auto planned =
      std::ranges::find_if(calibration.plans, [](const auto& p) { return bool(p); });
  const std::string preset = faster_preset((*planned)->output.video.encoder, job);
  if (preset.empty()) return {};
  JobOptions options = o.job;
  const std::string setting = "output.video.preset=" + preset;
  options.settings.push_back(setting);
  const JobSpec faster = options.read();
  Batch batch(faster, planned_options(options, faster), stop);
  const ModelEncoder encoder =
      calibrate(planned_inputs(batch), {o.seconds / 4, 1}, stop).workload.encode;
  Change change{setting.substr(0, setting.find('=')) + ": " + preset, calibration.workload};
  change.workload.encode = encoder;
  return {change};
}

// Inputs that were not planned are assumed to be like the one before them.
void count_all_inputs(Workload& workload, std::size_t all) {
  const std::size_t planned = workload.inputs.size();
  if (planned == 0 || all <= most_planned) return;
  std::vector<ModelInput> inputs;
  for (std::size_t i = 0; i < all; ++i) inputs.push_back(workload.inputs[i * planned / all]);
  workload.inputs = std::move(inputs);
}

void measure(const AdviseOptions& o, const RunCommand& command, ToldAdvice& told,
             const StopFlag& stop) {
  BenchResult result{.config = o.job.config,
                     .inputs = command.inputs,
                     .output = "file",
                     .rounds = o.runs,
                     .warm_up = 1,
                     .seed = 1,
                     .machine = told.machine,
                     .conditions = {.optimized = is_optimized_build(),
                                    .cores = told.available,
                                    .quota = cpu_quota_cores(),
                                    .rounds = o.runs}};
  for (const PredictedCell& c : told.advice.cells)
    if (c.impossible.empty() && c.cell.cores <= told.available)
      result.cells.push_back({.cell = c.cell});
  const auto look = [&] {
    told.speeds.push_back(speed_now(told.calibration, told.speeds.size(), stop));
  };
  const auto before = [&](const Cell& cell) {
    told.timed.push_back(cell);
    look();
  };
  if (const int code = run_rounds(command, result, stop, before); code != all_done)
    fail(code == temporary ? Fault::temporary : Fault::input,
         "advise --check: the job cannot be run, so nothing can be measured");
  look();
  told.check = std::move(result);
}

void tell_calibration(const Calibration& r) {
  std::cerr << fmt::format("calibrated on {} of {} in {:.1f} s\n", counted(r.frames, "frame"),
                           counted(std::ssize(r.excerpts), "excerpt"), r.seconds);
  for (const std::string& note : r.notes) std::cerr << "note: " << printable(note) << '\n';
}

int advise_job(const AdviseOptions& o) {
  static StopFlag stop;
  listen(stop);
  const JobSpec job = o.job.read();
  const Batch all(job, o.job.batch_options(job), stop);
  const SideFile json_file("--json", o.json), html("--html", o.html);
  json_file.check(all, {{o.job.config, "the configuration"}});
  html.check(all, {{o.job.config, "the configuration"}, {o.json, "the --json"}});
  refuse_unrepeatable(all, "advise");
  const RunCommand command = command_of(o.job, job, all);
  Batch batch(job, planned_options(o.job, job), stop);
  ToldAdvice told{.config = o.job.config,
                  .inputs = command.inputs,
                  .machine = this_machine(),
                  .available = available_cores()};
  told.calibration = calibrate(planned_inputs(batch), {o.seconds, told.available}, stop);
  for (const InputState& input : batch.inputs())
    if (!input.error.empty()) std::cerr << "left out: " << printable_lines(input.error) << '\n';
  for (std::size_t i = 0; i < batch.inputs().size(); ++i)
    if (const auto& plan = told.calibration.plans[i])
      add_plan(told.plans, batch.inputs()[i].input, graph_of(*plan));
  count_all_inputs(told.calibration.workload, all.inputs().size());
  tell_calibration(told.calibration);
  told.advice =
      advise(told.calibration.workload, cells_of("", o.cores, told.available),
             obstacle_of(told.calibration), preset_change(o, job, told.calibration, stop));
  const Cell& best = told.advice.best().cell;
  told.command =
      o.job.run_command(name_of(best.mode), runs_on_one_core(best.mode) ? 0 : best.cores);
  if (o.check) measure(o, command, told, stop);
  std::cout << advice_text(told, wants_colours()) << std::flush;
  if (json_file.wanted()) json_file.write(advice_json(told));
  if (html.wanted()) html.write(page_of(advice_json(told)));
  return told.check && !told.check->agrees() ? some_failed : all_done;
}

}  // namespace

Command advise_command() {
  auto o = std::make_shared<AdviseOptions>();
  std::vector<Option> declared = o->job.declared_of_job();
  declared.insert(
      declared.end(),
      {{"-c,--cores", &o->cores,
        "numbers of cores to predict for, e.g. 1,2,8,64; default: 1, 2, 4 ... up to all", "LIST"},
       {.names = "--seconds",
        .value = &o->seconds,
        .help = "time to measure excerpts alone; measuring on all cores comes on top",
        .type = "S",
        .shows_default = true,
        .range = {{0.1, 3600}}},
       {"--check", &o->check, "also run every mode on this machine's cores and compare"},
       {.names = "--runs",
        .value = &o->runs,
        .help = "timed runs per mode for --check",
        .type = "N",
        .shows_default = true,
        .range = {{1, 1000}}},
       {"--json", &o->json, "write the advice as JSON", "FILE"},
       {"--html", &o->html, "write one HTML page with charts that works offline", "FILE"}});
  return {"advise", "predict throughput by mode and cores; name the limit and the best change",
          std::move(declared), [o] { return unless_stopped([&] { return advise_job(*o); }); }};
}

}  // namespace quadrant
