// SPDX-License-Identifier: MIT
// Some encoders look at the machine, or at memory they never wrote. Measured here on x264 164 with
// more than one thread: its macroblock tree, in assembler, reads memory that was not written, and
// the same clip gives other bytes in a process that encoded something before (seen with
// MALLOC_PERTURB_ on ffmpeg too; preset medium, 322x246, 3 threads: 4 results in 5 runs). Its own
// option cpu-independent, meant to give the same bytes on every processor, takes the other path: 1
// result. x265 and SVT-AV1 size their pools by the machine unless told; x265 also logs to standard
// error, which is ours.
#include "pipeline/media/reproducible.h"

#include <algorithm>

namespace quadrant {
namespace {

struct Addition {
  std::string option, value;
};

// Both are key=value lists; for a key given twice the later one counts.
Addition addition_for(const std::string& encoder, int threads) {
  if (encoder == "libx264" || encoder == "libx264rgb") return {"x264-params", "cpu-independent=1"};
  if (encoder == "libx265")
    return {"x265-params", "log-level=error:pools=" + std::to_string(threads)};
  if (encoder == "libsvtav1") return {"svtav1-params", "lp=" + std::to_string(threads)};
  return {};
}

}  // namespace

Options reproducible(const std::string& encoder, int threads, Options asked) {
  const Addition add = addition_for(encoder, threads);
  if (add.option.empty()) return asked;
  const auto given =
      std::ranges::find(asked, add.option, [](const auto& option) { return option.first; });
  if (given == asked.end())
    asked.emplace_back(add.option, add.value);
  else
    given->second = add.value + ":" + given->second;
  return asked;
}

}  // namespace quadrant
