// SPDX-License-Identifier: MIT
// quadrant verify: proves that the result does not depend on how the job runs; if it does, shows
// where the difference starts.
#include <iostream>
#include <set>

#include "pipeline/config/scalars.h"
#include "pipeline/config/utf8.h"
#include "pipeline/execute/budget.h"
#include "tools/bench_cells.h"
#include "tools/job_options.h"
#include "tools/scratch.h"
#include "tools/side_file.h"
#include "tools/signals.h"
#include "tools/table.h"
#include "tools/verify_output.h"

namespace quadrant {
namespace {

struct VerifyCommand {
  JobOptions job;
  std::string modes, cores, in_flight = "2,5,auto", json;
  int rounds = 1;
};

// Three threads on a machine with one or two cores are descheduled in the middle of their work,
// which reveals other races than threads that run at the same time.
std::string default_cores(int available) { return fmt::format("1,2,3,{}", std::max(available, 1)); }

int limit_of(const std::string& word) {
  constexpr int most = 100000;
  if (word == "auto") return 0;  // the plan's own
  const std::optional<std::int64_t> limit = to_integer(word);
  if (!limit || *limit < 2 || *limit > most)
    fail(Fault::usage,
         "--in-flight: a list of numbers from 2 to {} is wanted, or auto for the plan's own, e.g. "
         "2,5,auto, not '{}'",
         most, word);
  return static_cast<int>(*limit);
}

// The limit varies only in modes with many frames in progress.
std::vector<VerifyCell> verify_cells(const VerifyCommand& options) {
  std::set<int> limits;
  for (const std::string& word : words_of(options.in_flight)) limits.insert(limit_of(word));
  if (limits.empty()) limits.insert(0);
  const int available = available_cores();
  const std::string cores = options.cores.empty() ? default_cores(available) : options.cores;
  std::vector<VerifyCell> cells{{.confined = true}};
  for (const Cell& cell : cells_of(options.modes, cores, available)) {
    const bool many = cell.mode == Mode::concurrent || cell.mode == Mode::frames;
    for (const int limit : many ? limits : std::set{0})
      cells.push_back({.mode = cell.mode, .cores = cell.cores, .in_flight = limit});
  }
  return cells;
}

int exit_code_of(const VerifyResult& result) {
  if (!result.agrees()) return some_failed;
  return result.complete() ? all_done : incomplete;
}

int verify_job(const VerifyCommand& options) {
  static StopFlag stop;
  listen(stop);
  const JobSpec job = options.job.read();
  const BatchOptions batch_options = options.job.batch_options(job);
  const std::vector<VerifyCell> cells = verify_cells(options);
  const SideFile json("--json", options.json);
  {
    const Batch batch(job, batch_options, stop);  // refuses what it can without opening anything
    json.check(batch, {{options.job.config, "the configuration"}});
    refuse_unrepeatable(batch, "verify");
  }
  const Scratch scratch("verify");
  const auto told = [](const std::string& what, double seconds) {
    std::cerr << printable(fmt::format("{}: {:.1f} s", what, seconds)) << '\n';
  };
  const VerifyResult result = verify(job,
                                     {.inputs = batch_options.inputs,
                                      .cells = cells,
                                      .rounds = options.rounds,
                                      .memory = batch_options.memory,
                                      .strict = batch_options.strict,
                                      .directory = scratch.path(),
                                      .told = told},
                                     stop);
  std::cout << verify_table(result, wants_colours()) << std::flush;
  if (json.wanted()) json.write(verify_json(result, options.job.config));
  return exit_code_of(result);
}

}  // namespace

Command verify_command() {
  auto o = std::make_shared<VerifyCommand>();
  std::vector<Option> declared =
      o->job.declared({"CONFIG", "INPUT", "--memory", "--set", "--strict", "--allow"});
  declared.insert(
      declared.end(),
      {{"-m,--modes", &o->modes, "modes to run, e.g. tiles,frames; default: all five", "LIST"},
       {"-c,--cores", &o->cores, "numbers of cores, e.g. 1,2,4; default: 1, 2, 3 and all", "LIST"},
       {.names = "--in-flight",
        .value = &o->in_flight,
        .help =
            "most frames of an input in progress, not counting those that windows keep; auto: the "
            "plan's own",
        .type = "LIST",
        .shows_default = true},
       {.names = "--rounds",
        .value = &o->rounds,
        .help = "runs per cell; more runs are likelier to show a rare race",
        .type = "N",
        .shows_default = true,
        .range = {{1, 10000}}},
       {"--json", &o->json, "write the results as JSON", "FILE"}});
  return {"verify", "prove that all modes and core counts agree; name the first difference",
          std::move(declared), [o] { return unless_stopped([&] { return verify_job(*o); }); }};
}

}  // namespace quadrant
