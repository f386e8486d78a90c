// SPDX-License-Identifier: MIT
// The examples in configs/ are read with the real stages, and survive being written and read again.
#include <gtest/gtest.h>

#include <filesystem>

#include "pipeline/config/job_spec.h"
#include "stages/stages.h"

namespace quadrant {
namespace {

TEST(ConfigExamples, AreReadAndRoundTrip) {
  int count = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(QUADRANT_SOURCE_DIR "/configs")) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path());
    ++count;
    const JobSpec job = read_job_file(entry.path(), all_stages());
    EXPECT_FALSE(job.output.path.empty());
    const std::string canonical = to_yaml(job);
    EXPECT_EQ(to_yaml(read_job("again.yaml", canonical, all_stages())), canonical);
  }
  EXPECT_GE(count, 16);
}

}  // namespace
}  // namespace quadrant
