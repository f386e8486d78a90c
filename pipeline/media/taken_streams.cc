// SPDX-License-Identifier: MIT
#include "pipeline/media/taken_streams.h"

#include <fmt/ranges.h>

#include <algorithm>

extern "C" {
#include <libavutil/avstring.h>
}

#include "pipeline/media/av.h"
#include "pipeline/media/stream_info.h"

namespace quadrant {
namespace {

// FFmpeg's own choice (fftools, map_auto_video), so that both process the same stream: the largest,
// marked default, not a cover.
int choose_video(const AVFormatContext& context) {
  int best = -1;
  std::int64_t best_score = -1;
  for (unsigned i = 0; i < context.nb_streams; ++i) {
    const AVStream& s = *context.streams[i];
    if (stream_kind(s) != StreamKind::video) continue;
    std::int64_t score = std::int64_t{s.codecpar->width} * s.codecpar->height;
    if (s.event_flags & AVSTREAM_EVENT_FLAG_NEW_PACKETS) score += 100'000'000;
    if (s.disposition & AV_DISPOSITION_DEFAULT) score += 5'000'000;
    if (score > best_score) {
      best_score = score;
      best = static_cast<int>(i);
    }
  }
  return best;
}

// The stream that `number` names.
int video_named(int number, const InputInfo& info) {
  std::vector<std::string> there;
  for (const StreamInfo& s : info.streams)
    if (s.kind == StreamKind::video) {
      if (s.index == number) return number;
      there.push_back(s.describe());
    }
  fail(Fault::input, "{}: has no video stream #{}; it has {}", info.name, number,
       there.empty() ? "none" : fmt::format("{}", fmt::join(there, ", ")));
}

bool is_named(const std::string& name, const StreamInfo& s) {
  const auto language = s.metadata.find("language");
  return name == std::to_string(s.index) ||
         (language != s.metadata.end() &&
          av_strcasecmp(language->second.c_str(), name.c_str()) == 0);
}

// Marks those of `kind` that are not named. Throws Error(input) for a name that is none's.
void take_named(const std::vector<std::string>& names, StreamKind kind, InputInfo& info) {
  if (names.empty()) return;
  const bool none = names.size() == 1 && names.front() == "none";
  std::vector<std::string> there;
  for (StreamInfo& s : info.streams) {
    if (s.kind != kind) continue;
    there.push_back(s.describe());
    s.taken = !none && std::ranges::any_of(names, [&s](const auto& n) { return is_named(n, s); });
  }
  for (const std::string& name : names)
    if (!none && std::ranges::none_of(info.streams, [&](const StreamInfo& s) {
          return s.kind == kind && is_named(name, s);
        }))
      fail(Fault::input, "{}: has no {} stream {}; it has {}", info.name, name_of(kind), name,
           there.empty() ? "none" : fmt::format("{}", fmt::join(there, ", ")));
}

}  // namespace

void take_streams(const Selection& taken, AVFormatContext& context, InputInfo& info) {
  info.taken = taken;
  info.video = taken.video ? video_named(*taken.video, info) : choose_video(context);
  take_named(taken.audio, StreamKind::audio, info);
  take_named(taken.subtitles, StreamKind::subtitle, info);
  for (const StreamInfo& s : info.streams)
    if (!s.taken) context.streams[s.index]->discard = AVDISCARD_ALL;
}

}  // namespace quadrant
