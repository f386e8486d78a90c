// SPDX-License-Identifier: MIT
// quadrant submit: gives a planned run to Slurm or GNU parallel. The scripts do nothing that a user
// could not type: they are shown, kept in RUN/submit/ and executed.
#include <algorithm>
#include <cmath>
#include <iostream>

#include "pipeline/config/utf8.h"
#include "pipeline/plan/memory.h"
#include "pipeline/spawn.h"
#include "pipeline/store/atomic_file.h"
#include "tools/planned_job.h"
#include "tools/submit_scripts.h"

namespace quadrant {
namespace {

// A shard should take minutes: starting one takes the engine about a second, and losing one should
// not cost much. The speed of a core is unknown beforehand; this is a guess between heavy and light
// jobs (million samples per second).
constexpr double shard_seconds = 300, samples_per_second = 10;
constexpr int most_shards = 1000;  // Slurm's usual MaxArraySize allows no higher index
constexpr int usual_cores = 4;

struct SubmitOptions {
  std::string run, engine = "slurm", sshlogin;
  int shards = 0, cores = 0;
  std::vector<std::string> allowed;
  bool dry_run = false;
};

int shards_for(const std::vector<PlannedUnit>& units, int cores) {
  double cost = 0;
  for (const PlannedUnit& unit : units) cost += unit.unit.cost;
  const double wanted = std::ceil(cost / (cores * samples_per_second * shard_seconds));
  const int most = std::min<int>(most_shards, static_cast<int>(units.size()));
  return std::clamp(static_cast<int>(std::min<double>(wanted, most_shards)), 1, std::max(1, most));
}

// At most as many cores as a shard has units.
int cores_for(const std::vector<PlannedUnit>& units, int shards, int wanted) {
  const int each = (static_cast<int>(units.size()) + shards - 1) / shards;
  return wanted > 0 ? wanted : std::clamp(each, 1, usual_cores);
}

Submission submission_of(const SubmitOptions& options) {
  const RunDirectory run(options.run);
  const std::vector<PlannedUnit> units = run.read_units();
  const JobSpec job = JobOptions{}.read_file(run.job_file());
  const int cores = options.cores > 0 ? options.cores : job.run.cores;
  Submission s{.program = fs::read_symlink("/proc/self/exe").string(),
               .directory = fs::current_path().string(),
               .run = run.path(),
               .sbatch = job.run.sbatch,
               .allowed = options.allowed,
               .sshlogin = options.sshlogin};
  s.shards =
      options.shards > 0 ? options.shards : shards_for(units, cores > 0 ? cores : usual_cores);
  s.cores = cores_for(units, s.shards, cores);
  for (const PlannedUnit& unit : units)
    s.unit_memory = std::max(s.unit_memory, program_memory + unit.unit.memory);
  if (job.run.memory > 0) s.unit_memory = std::max(s.unit_memory, job.run.memory / s.cores);
  return s;
}

// Returns the exit code; 127 without a shell.
int executed(const std::string& script) {
  const Ended ended = wait_for(spawn({.program = "bash", .words = {"bash", script}}));
  return ended.signal == 0 ? ended.code : 128 + ended.signal;
}

int submit(const SubmitOptions& options) {
  const Submission submission = submission_of(options);
  const bool slurm = options.engine == "slurm";
  if (slurm && !options.sshlogin.empty())
    fail(Fault::usage, "--sshlogin is only for --engine parallel; Slurm knows its machines");
  const std::vector<Script> scripts =
      slurm ? slurm_scripts(submission) : parallel_scripts(submission);
  const std::string directory = RunDirectory(options.run).submit();
  if (options.dry_run) {
    for (const Script& script : scripts)
      std::cout << printable_lines(
          fmt::format("# ---- {}/{}\n{}\n", directory, script.name, script.text));
    return all_done;
  }
  fs::create_directories(directory);
  for (const Script& script : scripts) write_whole(directory + "/" + script.name, script.text);
  const int code = executed(directory + "/" + scripts.back().name);
  if (slurm && code != 0)
    fail(Fault::temporary, "{}/{}: ended with code {}", directory, scripts.back().name, code);
  return code;  // GNU parallel has finished by now, and this is the merge's code
}

}  // namespace

Command submit_command() {
  auto options = std::make_shared<SubmitOptions>();
  return {
      "submit",
      "submit a planned run to Slurm or GNU parallel",
      {{.names = "RUN", .value = &options->run, .help = "a planned run", .required = true},
       {.names = "--engine",
        .value = &options->engine,
        .help = "who runs it",
        .type = "ENGINE",
        .shows_default = true,
        .choices = {"slurm", "parallel"}},
       {.names = "--shards",
        .value = &options->shards,
        .help = "number of shards; default: so that each should take minutes",
        .type = "N",
        .range = {{1, most_shards}}},
       {.names = "--cores",
        .value = &options->cores,
        .help = "cores per shard; default: run.cores, or one per unit, at most 4",
        .type = "N",
        .range = {{1, 1024}}},
       {"--sshlogin", &options->sshlogin, "machines for GNU parallel, e.g. node1,node2", "HOSTS"},
       {"--dry-run", &options->dry_run, "print the scripts and submit nothing"},
       allow_option(options->allowed)},
      [options] { return submit(*options); }};
}

}  // namespace quadrant
