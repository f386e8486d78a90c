// SPDX-License-Identifier: MIT
// quadrant bench: a job in every mode on several numbers of cores, repeated in shuffled rounds.
#include <algorithm>
#include <iostream>

#include "pipeline/config/utf8.h"
#include "pipeline/execute/budget.h"
#include "tools/bench_cells.h"
#include "tools/bench_rounds.h"
#include "tools/page.h"
#include "tools/side_file.h"
#include "tools/signals.h"
#include "tools/table.h"

namespace quadrant {
namespace {

struct BenchOptions {
  JobOptions job;
  std::string modes, cores, output = "file", json, csv, html;
  double within = 5;
  int runs = 5, warm_up = 1, seed = 1;
};

Conditions conditions_of(const BenchOptions& options) {
  return {.optimized = is_optimized_build(),
          .cores = available_cores(),
          .quota = cpu_quota_cores(),
          .rounds = options.runs,
          .within = options.within / 100,
          .seed = static_cast<std::uint64_t>(options.seed)};
}

// After a stop, keeps the measurements so far if the reference was measured.
int measure(const RunCommand& command, BenchResult& result, const StopFlag& stop) {
  try {
    return run_rounds(command, result, stop, [](const Cell&) {});
  } catch (const Error& error) {
    result.stopped = error.fault() == Fault::stopped && !result.cells.front().runs.empty();
    if (!result.stopped) throw;
    return all_done;
  }
}

int bench_job(const BenchOptions& options) {
  static StopFlag stop;
  listen(stop);
  const JobSpec job = options.job.read();
  const Batch batch(job, options.job.batch_options(job), stop);
  const SideFile json("--json", options.json), csv("--csv", options.csv),
      html("--html", options.html);
  json.check(batch, {{options.job.config, "the configuration"}});
  csv.check(batch, {{options.job.config, "the configuration"}, {options.json, "the --json"}});
  html.check(batch, {{options.job.config, "the configuration"},
                     {options.json, "the --json"},
                     {options.csv, "the --csv"}});
  refuse_unrepeatable(batch, "bench");
  BenchResult result{.config = options.job.config,
                     .output = options.output,
                     .rounds = options.runs,
                     .warm_up = options.warm_up,
                     .seed = static_cast<std::uint64_t>(options.seed),
                     .machine = this_machine(),
                     .conditions = conditions_of(options)};
  for (const Cell& cell : cells_of(options.modes, options.cores, result.conditions.cores))
    result.cells.push_back({.cell = cell});
  int most_cores = 0;
  for (const auto& each : result.cells) most_cores = std::max(most_cores, each.cell.cores);
  tell_many_cores(most_cores);
  const RunCommand command = command_of(options.job, job, batch, options.output == "null");
  result.inputs = command.inputs;
  if (const int code = measure(command, result, stop); code != all_done) return code;
  std::cout << bench_table(result, wants_colours()) << std::flush;
  for (const std::string& warning : result.warnings()) std::cerr << "warning: " << warning << '\n';
  if (json.wanted()) json.write(bench_json(result));
  if (csv.wanted()) csv.write(bench_csv(result));
  if (html.wanted()) html.write(page_of(bench_json(result)));
  if (result.stopped) return stopped_code();
  return result.agrees() ? all_done : some_failed;
}

}  // namespace

Command bench_command() {
  auto o = std::make_shared<BenchOptions>();
  std::vector<Option> declared = o->job.declared_of_job();
  declared.insert(
      declared.end(),
      {{"-m,--modes", &o->modes, "modes to measure, e.g. tiles,frames; default: all five", "LIST"},
       {"-c,--cores", &o->cores, "numbers of cores, e.g. 1,2,4; default: 1, 2, 4 ... up to all",
        "LIST"},
       {.names = "--runs",
        .value = &o->runs,
        .help = "timed runs per cell (one mode on one number of cores)",
        .type = "N",
        .shows_default = true,
        .range = {{1, 10000}}},
       {.names = "--warm-up",
        .value = &o->warm_up,
        .help = "untimed runs per cell before those; the first compares frame hashes",
        .type = "N",
        .shows_default = true,
        .range = {{1, 100}}},
       {.names = "--output",
        .value = &o->output,
        .help = "file: write outputs and remove them; null: write nothing, and do not cut into "
                "segments",
        .type = "WHERE",
        .shows_default = true,
        .choices = {"file", "null"}},
       {.names = "--seed",
        .value = &o->seed,
        .help = "random seed for the order of runs and for the intervals",
        .type = "N",
        .shows_default = true,
        .range = {{0, 2147483647}}},
       {.names = "--max-ci-width",
        .value = &o->within,
        .help = "warn when a median's 95 % interval is wider than this",
        .type = "PERCENT",
        .shows_default = true,
        .range = {{0.1, 100}}},
       {"--json", &o->json, "write all figures as JSON", "FILE"},
       {"--csv", &o->csv, "write one row per run", "FILE"},
       {"--html", &o->html, "write one HTML page with charts that works offline", "FILE"}});
  return {"bench", "measure the job in all modes: throughput per core count", std::move(declared),
          [o] { return unless_stopped([&] { return bench_job(*o); }); }};
}

}  // namespace quadrant
