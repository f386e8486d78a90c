// SPDX-License-Identifier: MIT
#include "tools/bench_run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>

#include "pipeline/error.h"
#include "pipeline/job/names.h"
#include "pipeline/observe/json.h"
#include "pipeline/observe/meter.h"
#include "pipeline/spawn.h"
#include "pipeline/store/atomic_file.h"
#include "tools/command.h"

namespace quadrant {
namespace {

constexpr int look_interval_ms = 20;
constexpr int looks_a_clock_reading = 10;

double mean(const std::vector<double>& values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

std::vector<std::string> arguments_of(const RunCommand& command, const Cell& cell,
                                      const fs::path& outputs, bool with_hashes,
                                      const fs::path& side) {
  std::vector<std::string> words = {"quadrant",   "run",
                                    "--mode",     std::string(name_of(cell.mode)),
                                    "--cores",    std::to_string(cell.cores),
                                    "--progress", "none",
                                    "--report",   side / "report.json",
                                    "--output",   outputs / "{index}" / command.output_name};
  if (with_hashes) words.insert(words.end(), {"--frame-hashes", side / "hashes"});
  words.insert(words.end(), command.options.begin(), command.options.end());
  words.insert(words.end(), {"--", command.config});
  words.insert(words.end(), command.inputs.begin(), command.inputs.end());
  return words;
}

// A process without standard input and output; its standard error goes to a file.
class Spawned {
 public:
  Spawned(std::vector<std::string> words, const fs::path& told)
      : pid_(spawn({.program = "/proc/self/exe",
                    .words = std::move(words),
                    .files = {{STDIN_FILENO, "/dev/null"},
                              {STDOUT_FILENO, "/dev/null", true},
                              {STDERR_FILENO, told.string(), true}}})) {}

  // Returns the exit code; stops the process once the flag is raised. Samples the machine
  // meanwhile.
  int wait(const StopFlag& stop) {
    bool told_to_stop = false;
    int status = 0;
    for (int look = 0; waitpid(pid_, &status, WNOHANG) == 0; ++look) {
      if (look % looks_a_clock_reading == looks_a_clock_reading - 1)
        megahertz_.push_back(fastest_megahertz());
      pollfd stopped{.fd = stop.descriptor(), .events = POLLIN, .revents = 0};
      poll(&stopped, told_to_stop ? 0 : 1, look_interval_ms);
      if (stop.raised() && !told_to_stop) told_to_stop = kill(pid_, SIGTERM) == 0;
    }
    if (stop.raised()) fail(Fault::stopped, "stopped");
    use_ = use_between(before_, machine_clocks(), process_cpu_seconds() - ours_before_,
                       mean(megahertz_));
    signal_ = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : internal_error;
  }

  const MachineUse& use() const { return use_; }
  int ended_by() const { return signal_; }

 private:
  pid_t pid_ = 0;
  int signal_ = 0;  // that ended the process
  const MachineClocks before_ = machine_clocks();
  const double ours_before_ = process_cpu_seconds();  // includes the cost of sampling
  std::vector<double> megahertz_;
  MachineUse use_;
};

// Sums over inputs; stages with the same name are added up.
void add_stages(const nlohmann::json& stages, std::vector<StageReport>& sums) {
  for (const nlohmann::json& stage : stages) {
    const std::string name = stage.at("name");
    auto sum = std::ranges::find(sums, name, &StageReport::name);
    if (sum == sums.end()) sum = sums.insert(sums.end(), {.name = name});
    sum->calls += stage.at("calls").get<std::int64_t>();
    sum->cpu_seconds += stage.at("cpu_seconds").get<double>();
    sum->wait_seconds += stage.at("wait_seconds").get<double>();
  }
}

MeasuredRun run_of(const nlohmann::json& report) {
  MeasuredRun run;
  run.wall_seconds = report.at("wall_seconds");
  run.cpu_seconds = report.at("cpu_seconds");
  run.in_progress = report.at("in_progress").at("mean");
  for (const nlohmann::json& state : report.at("in_progress").at("states"))
    run.in_kind[state.at("kind")] += state.at("mean").get<double>();
  run.over_time = samples_of(report.at("over_time"));
  run.peak_rss_bytes = report.at("peak_rss_bytes");
  run.peak_threads = report.at("peak_threads");
  run.switches.voluntary = report.at("context_switches").at("voluntary");
  run.switches.involuntary = report.at("context_switches").at("involuntary");
  for (const nlohmann::json& input : report.at("inputs")) {
    run.frames += input.at("frames_out").get<std::int64_t>();
    add_stages(input.at("stages"), run.stages);
  }
  return run;
}

}  // namespace

RunCommand command_of(const JobOptions& options, const JobSpec& job, const Batch& batch,
                      bool writes_nothing) {
  RunCommand command{.config = options.config, .output_name = pattern_of_file(job.output.path)};
  const auto add = [&](std::initializer_list<std::string> words) {
    command.options.insert(command.options.end(), words);
  };
  for (const std::string& setting : options.settings) add({"--set", setting});
  for (const std::string& kind : options.allowed) add({"--allow", kind});
  if (!options.memory.empty()) add({"--memory", options.memory});
  if (!options.isolate.empty()) add({"--isolate", options.isolate});
  if (options.strict) add({"--strict"});
  if (writes_nothing) add({"--set", "output.container=\"null\""});
  for (const InputState& input : batch.inputs()) command.inputs.push_back(to_text(input.spec()));
  return command;
}

RunOutcome run_process(const RunCommand& command, const Cell& cell, const fs::path& outputs,
                       bool with_hashes, const Scratch& scratch, const StopFlag& stop) {
  const fs::path& side = scratch.path();
  std::error_code error;
  fs::remove_all(outputs, error);
  if (!error) fs::create_directory(outputs, error);
  if (error) fail(Fault::temporary, "{}: {}", outputs.string(), error.message());
  Spawned process(arguments_of(command, cell, outputs, with_hashes, side), side / "told");
  RunOutcome outcome;
  outcome.code = process.wait(stop);
  outcome.told = contents(side / "told");
  if (process.ended_by() != 0)
    outcome.told = fmt::format("killed by signal {} ({})\n", process.ended_by(),
                               strsignal(process.ended_by())) +
                   outcome.told;
  if (outcome.code != all_done) return outcome;
  const auto report = nlohmann::json::parse(contents(side / "report.json"));
  outcome.run = run_of(report);
  for (const nlohmann::json& input : report.at("inputs"))
    add_plan(outcome.plans, input.at("input"), input.at("plan"));
  outcome.run.machine = process.use();
  if (with_hashes) outcome.hashes = contents(side / "hashes");
  return outcome;
}

}  // namespace quadrant
