// SPDX-License-Identifier: MIT
// The scripts that give a planned run to an engine which is there: Slurm, or GNU parallel. Each
// line answers something that was measured:
//
//   - a shell above the tool: a tool killed for its memory is a code here, while a batch script
//     that is killed itself has FAILED for Slurm and is not requeued, --requeue or not;
//   - scontrol requeue from inside, never RequeueExit: a job requeued for its exit code has already
//     broken every dependency on it. Not after SIGTERM, which is scancel, or Slurm's own requeue;
//   - afterany and a merge that checks, not afterok and hope;
//   - the number of shards is written in: Slurm's own count is that of one submission, and wrong
//     after `sbatch --array=3,7`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quadrant {

struct Submission {
  std::string program, directory;  // absolute
  std::string run;                 // as the user gave it, relative to the directory
  int shards = 1;
  int cores = 1;                    // of a shard
  std::int64_t unit_memory = 0;     // bytes that one unit may take
  std::vector<std::string> sbatch;  // the user's own options
  std::string sshlogin;             // of GNU parallel; empty: this machine
};

struct Script {
  std::string name, text;  // in RUN/submit/
};

// The last one is what is to be executed. Throws Error(usage) for an option that is none.
std::vector<Script> slurm_scripts(const Submission& submission);
std::vector<Script> parallel_scripts(const Submission& submission);

}  // namespace quadrant
