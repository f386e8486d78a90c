// SPDX-License-Identifier: MIT
// A media file through the whole engine: demuxed, decoded, blurred, encoded, nothing kept.
#include "pipeline/job/batch.h"
#include "pipeline/media/log.h"
#include "stages/stages.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quadrant;
  constexpr std::size_t most = 64 << 10;
  if (size > most) return 0;
  keep_libav_log();
  const fuzz::TemporaryFile file(".bin", data, size);
  static const StopFlag never;
  static const JobSpec job =
      read_job("job.yaml",
               "version: 1\n"
               "output: {path: out, container: \"null\", video: {codec: mpeg4}}\n"
               "stages: [scale: {width: 64, height: 48}, blur: {sigma: 1}]\n",
               all_stages());
  try {
    Batch batch(job, {.inputs = {file.path()}, .mode = Mode::sequential, .cores = 1}, never);
    batch.run();
    for (const InputState& input : batch.inputs())
      if (input.status == Status::failed && input.fault == Fault::internal) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
