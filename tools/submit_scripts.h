// SPDX-License-Identifier: MIT
// The scripts that give a planned run to an existing engine: Slurm or GNU parallel. Each line
// answers something that was measured:
//
//   - a shell around the tool: if the tool is killed for its memory, the shell sees an exit code; a
//     batch script killed itself is FAILED for Slurm and not requeued, with or without --requeue;
//   - scontrol requeue from inside, never RequeueExit: a job requeued for its exit code has already
//     broken every dependency on it. Not after SIGTERM, which means scancel or Slurm's own requeue;
//   - afterany and a merge that checks, not afterok and hope;
//   - the number of shards is written into the script: Slurm's own count is that of one submission,
//     and wrong after `sbatch --array=3,7`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quadrant {

struct Submission {
  std::string program, directory;  // absolute
  std::string run;                 // as given by the user, relative to the directory
  int shards = 1;
  int cores = 1;                     // per shard
  std::int64_t unit_memory = 0;      // that one unit may use
  std::vector<std::string> sbatch;   // the user's own options
  std::vector<std::string> allowed;  // given to each run and to the merge
  std::string sshlogin;              // for GNU parallel; empty: this machine
};

struct Script {
  std::string name, text;  // in RUN/submit/
};

// The last script is the one to execute. Throws Error(usage) for an invalid sbatch option.
std::vector<Script> slurm_scripts(const Submission& submission);
std::vector<Script> parallel_scripts(const Submission& submission);

}  // namespace quadrant
