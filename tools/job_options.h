// SPDX-License-Identifier: MIT
// The options that `run` and `explain` share: which job, over which inputs, how.
#pragma once

#include "pipeline/job/batch.h"
#include "tools/command.h"

namespace quadrant {

struct JobOptions {
  std::string config;
  std::vector<std::string> inputs, settings;
  std::string output, mode, memory, cores, retries, timeout, max_failures, isolate;
  bool overwrite = false, fail_fast = false, strict = false;

  std::vector<Option> declared();                                               // point into this
  std::vector<Option> declared(std::initializer_list<std::string_view> names);  // only these
  // Those that say what the job is, for a command that varies itself how it is run.
  std::vector<Option> declared_of_job();
  JobSpec read() const;                              // with -o and --set applied
  JobSpec read_file(const std::string& file) const;  // another configuration, with --set applied
  // The command line that runs the job like this, for a shell.
  std::string run_command(std::string_view mode, int cores) const;
  // The command line that does one unit of an input alone, for a shell.
  std::string unit_command(const BatchOptions::UnitName& unit) const;
  BatchOptions batch_options(
      const JobSpec& job) const;  // the command line before the configuration
};

std::string in_shell(const std::string& word);  // as one word for a POSIX shell

// Throws Error(usage) where an input can be read only once and `command` reads it again and again.
void refuse_unrepeatable(const Batch& batch, std::string_view command);

// What became of a batch that was run or explained. A fault of the configuration that only an
// opened input shows (a filter's option, a size) is wrong usage while nothing else was done.
int exit_code(const Batch& batch);

}  // namespace quadrant
