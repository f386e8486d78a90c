// SPDX-License-Identifier: MIT
// The YAML reader and the checks of a job, and that its canonical text gives the same job.
#include "pipeline/config/job_spec.h"
#include "stages/stages.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quadrant;
  try {
    const JobSpec job =
        read_job("job.yaml", std::string(reinterpret_cast<const char*>(data), size), all_stages());
    const std::string canonical = to_yaml(job);
    if (to_yaml(read_job("canonical", canonical, all_stages())) != canonical) std::abort();
  } catch (const Error& error) {
    if (error.fault() != Fault::usage) std::abort();
  }
  return 0;
}
