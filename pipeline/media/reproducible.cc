// SPDX-License-Identifier: MIT
// Some encoders look at the machine, or at uninitialised memory. Measured here on x264 164 with
// more than one thread: its macroblock tree, in assembler, reads memory that was not written, and
// the same clip gives different bytes in a process that encoded something before (seen with
// MALLOC_PERTURB_ on ffmpeg too; preset medium, 322x246, 3 threads: 4 results in 5 runs). Its
// option cpu-independent, meant to give the same bytes on every processor, takes another path: 1
// result. x265 and SVT-AV1 size their pools by the machine unless told otherwise; x265 also logs to
// our standard error, and writes different bytes with another number of frame threads.
//
// If a buffer limits the rate (VBV), threads plan with what the others have used so far: at 1080p
// with 3 threads there are 3 to 6 different files in 6 runs, for both x264 and x265. SVT-AV1 with a
// bit rate does it too, and one thread of it is already about ten OS threads. VP8's `realtime`
// measures the microseconds that a picture took, unless its speed is given as a negative number.
#include "pipeline/media/reproducible.h"

#include <fmt/format.h>

#include <algorithm>

namespace quadrant {
namespace {

struct Addition {
  std::string option, value;
};

// Both are key=value lists; if a key occurs twice, the later value counts.
Addition addition_for(const std::string& encoder, int threads) {
  if (encoder == "libx264" || encoder == "libx264rgb") return {"x264-params", "cpu-independent=1"};
  if (encoder == "libx265")
    return {"x265-params",
            fmt::format("log-level=error:pools={}:frame-threads={}", threads, threads < 4 ? 1 : 2)};
  if (encoder == "libsvtav1") return {"svtav1-params", "lp=" + std::to_string(threads)};
  return {};
}

const std::string* value_of(const Options& asked, std::string_view name) {
  const auto found =
      std::ranges::find(asked, name, [](const auto& option) { return option.first; });
  return found == asked.end() ? nullptr : &found->second;
}

bool limits_the_rate(const Options& asked) {
  for (const char* option : {"maxrate", "bufsize"})
    if (value_of(asked, option)) return true;
  for (const char* option : {"x264-params", "x264opts", "x265-params"})
    if (const std::string* list = value_of(asked, option))
      if (list->find("vbv-") != std::string::npos || list->find("nal-hrd") != std::string::npos)
        return true;
  return false;
}

bool counts_microseconds(const std::string& encoder, const Options& asked) {
  if (encoder != "libvpx") return false;
  const std::string* deadline = value_of(asked, "deadline");
  if (!deadline) deadline = value_of(asked, "quality");
  const std::string* speed = value_of(asked, "cpu-used");
  const bool realtime = deadline && (*deadline == "realtime" || *deadline == "1");
  return realtime && !(speed && speed->starts_with('-'));
}

}  // namespace

int reproducible_threads(const std::string& encoder, int wanted, const Options& asked) {
  if (encoder == "libsvtav1") return 1;
  const bool x26 = encoder == "libx264" || encoder == "libx264rgb" || encoder == "libx265";
  return x26 && limits_the_rate(asked) ? 1 : wanted;
}

Options reproducible(const std::string& encoder, int threads, Options asked) {
  if (counts_microseconds(encoder, asked)) {
    const std::string* speed = value_of(asked, "cpu-used");
    const std::string fixed = "-" + (speed ? *speed : "8");
    std::erase_if(asked, [](const auto& option) { return option.first == "cpu-used"; });
    asked.emplace_back("cpu-used", fixed);
  }
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
