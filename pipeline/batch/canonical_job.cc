// SPDX-License-Identifier: MIT
#include "pipeline/batch/canonical_job.h"

namespace quadrant {

std::string canonical_job(JobSpec job, std::string (*identify)(const std::string& path)) {
  job.inputs.clear();
  job.output.path.clear();
  job.run = {};
  std::string text = to_yaml(job);
  for (const StageSpec& stage : job.stages)
    for (const std::string& file : stage.make()->files())
      text += fmt::format("# {}: {}\n", file, identify(file));
  return text;
}

}  // namespace quadrant
