// SPDX-License-Identifier: MIT
#include "pipeline/plan/outline.h"

#include <algorithm>
#include <array>

namespace quadrant {
namespace {

std::string_view word_for(StreamKind kind) {
  return kind == StreamKind::audio ? "sound" : kind == StreamKind::subtitle ? "subtitles" : "data";
}

}  // namespace

std::vector<std::string> beside_picture(const Plan& plan) {
  std::vector<std::string> beside;
  for (const StreamKind kind : {StreamKind::audio, StreamKind::subtitle, StreamKind::data}) {
    double longest = -1;
    for (const StreamInfo& s : plan.input.streams)
      if (s.kind == kind && plan.output.keeps(s.index))
        longest = std::max(
            longest, s.duration_seconds > 0 ? s.duration_seconds : plan.input.duration_seconds);
    if (longest < 0) continue;
    const std::string stays = kind == StreamKind::audio ? "stays" : "stay";
    beside.push_back(longest > 0 ? fmt::format("{} {} {:.1f} s", word_for(kind), stays, longest)
                                 : fmt::format("{} {}", word_for(kind), stays));
  }
  if (plan.output.keep_chapters && plan.input.chapters > 0)
    beside.emplace_back("chapters stay where they were");
  return beside;
}

}  // namespace quadrant
