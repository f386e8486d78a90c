// SPDX-License-Identifier: MIT
#include "tools/repeated_job.h"

#include <algorithm>
#include <filesystem>

namespace quadrant {
namespace {

namespace fs = std::filesystem;

// The configuration's own name of the output decides the container; where it lies is ours.
std::string output_name_of(const JobSpec& job) {
  std::string name = fs::path(job.output.path).filename();
  for (auto at = name.find("{dir}"); at != std::string::npos; at = name.find("{dir}"))
    name.replace(at, 5, "dir");
  return name;
}

}  // namespace

std::vector<Option> repeated_job_options(JobOptions& job) {
  std::vector<Option> options = job.declared();
  std::erase_if(options, [](const Option& o) {
    return o.names != "CONFIG" && o.names != "INPUT" && o.names != "--memory" &&
           o.names != "--set" && o.names != "--isolate" && o.names != "--strict";
  });
  return options;
}

RunCommand repeated_command(const JobOptions& options, const JobSpec& job, const Batch& batch,
                            bool writes_nothing) {
  RunCommand command{.config = options.config, .output_name = output_name_of(job)};
  const auto add = [&](std::initializer_list<std::string> words) {
    command.options.insert(command.options.end(), words);
  };
  for (const std::string& setting : options.settings) add({"--set", setting});
  if (!options.memory.empty()) add({"--memory", options.memory});
  if (!options.isolate.empty()) add({"--isolate", options.isolate});
  if (options.strict) add({"--strict"});
  if (writes_nothing) add({"--set", "output.container=\"null\""});
  for (const InputState& input : batch.inputs()) command.inputs.push_back(input.input);
  return command;
}

void refuse_unrepeatable(const Batch& batch, std::string_view command) {
  for (const InputState& input : batch.inputs()) {
    std::error_code ignored;
    const fs::file_status status = fs::status(input.input, ignored);
    if (input.input == "-" || fs::is_fifo(status) || fs::is_socket(status))
      fail(Fault::usage, "{}: {}: can be read only once, and every run reads it; take a file",
           command, input.input);
  }
}

}  // namespace quadrant
