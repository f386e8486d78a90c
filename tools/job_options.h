// SPDX-License-Identifier: MIT
// The options that `run` and `explain` share: which job, which inputs, in what way.
#pragma once

#include "pipeline/job/batch.h"
#include "tools/command.h"

namespace quadrant {

struct JobOptions {
  std::string config;
  std::vector<std::string> inputs, settings, allowed;
  std::string output, mode, memory, cores, retries, timeout, max_failures, isolate;
  bool overwrite = false, fail_fast = false, strict = false;

  std::vector<Option> declared();  // they point into this object
  std::vector<Option> declared(std::initializer_list<std::string_view> names);  // only these
  // Options that define the job, for a command that chooses by itself how to run it.
  std::vector<Option> declared_of_job();
  JobSpec read() const;                              // with -o and --set applied
  JobSpec read_file(const std::string& file) const;  // another configuration, with --set applied
  // The command line that runs the job like this, for a shell.
  std::string run_command(std::string_view mode, int cores) const;
  // The command line that does one unit of an input alone, for a shell.
  std::string unit_command(const BatchOptions::UnitName& unit) const;
  BatchOptions batch_options(
      const JobSpec& job) const;  // the command line takes precedence over the configuration
};

// --allow, also for commands without a job: it holds for the process.
Option allow_option(std::vector<std::string>& kinds);

std::string in_shell(const std::string& word);  // quoted as one word for a POSIX shell

// Throws Error(usage) if an input can be read only once and `command` reads it repeatedly.
void refuse_unrepeatable(const Batch& batch, std::string_view command);

// The exit code of a batch that was run or explained. A configuration error that only an opened
// input reveals (a filter's option, a size) is a usage error if nothing else was done.
int exit_code(const Batch& batch);

// Says so on standard error where a run is to use more cores than it can have here; 0: all.
void tell_many_cores(int asked);

}  // namespace quadrant
