// SPDX-License-Identifier: MIT
#include "pipeline/media/joined_differences.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "pipeline/counted.h"

namespace quadrant {
namespace {

bool same_codec(const AVStream& a, const AVStream& b) {
  const AVCodecParameters &x = *a.codecpar, &y = *b.codecpar;
  return x.codec_id == y.codec_id && x.profile == y.profile && x.sample_rate == y.sample_rate &&
         x.format == y.format && x.frame_size == y.frame_size &&
         x.extradata_size == y.extradata_size &&
         av_channel_layout_compare(&x.ch_layout, &y.ch_layout) == 0 &&
         (x.extradata_size == 0 ||
          std::memcmp(x.extradata, y.extradata, static_cast<std::size_t>(x.extradata_size)) == 0);
}

// "" if the stream of part `k` is like that of the first part which has it.
std::string unlike_in(const JoinedParts& parts, std::size_t k, std::size_t i) {
  const JoinedStream& stream = parts.streams[i];
  const bool is_audio = parts.info(stream.like, i).kind == StreamKind::audio;
  if (stream.of_part[k] < 0)
    return is_audio ? fmt::format("{} has no such sound", parts.name(k)) : "";
  if (same_codec(parts.inner(k, i), parts.inner(stream.like, i))) return "";
  const StreamInfo& own = parts.info(k, i);
  return is_audio ? fmt::format("{} has other sound: {} {} Hz {}", parts.name(k), own.codec,
                                own.sample_rate, counted(own.channels, "channel"))
                  : fmt::format("{} has other subtitles: {}", parts.name(k), own.codec);
}

void tell_pictures(const JoinedParts& parts, std::size_t k, InputInfo& whole) {
  const Format &first = parts.info(0, 0).format, &own = parts.info(k, 0).format;
  const std::string& name = parts.name(k);
  if (!own.same_picture(first) || !(own.sample_aspect == first.sample_aspect))
    whole.notes.push_back(fmt::format("{}: {} becomes {}, as on_change says", name, own.describe(),
                                      first.describe()));
  if (!(own.frame_rate == first.frame_rate))
    whole.notes.push_back(
        fmt::format("{}: {:.6g} fps, the first part {:.6g}: its pictures keep their times", name,
                    own.frame_rate.value(), first.frame_rate.value()));
  const Colour &a = first.colour, &b = own.colour;
  if (a.primaries != b.primaries || a.transfer != b.transfer || a.matrix != b.matrix)
    whole.losses.push_back(
        fmt::format("{}: has other colour tags than the first part, and is not converted", name));
}

void tell_silence(const JoinedParts& parts, std::size_t k, InputInfo& whole) {
  for (std::size_t i = 0; i < parts.streams.size(); ++i)
    if (parts.streams[i].of_part[k] < 0 &&
        parts.info(parts.streams[i].like, i).kind == StreamKind::audio)
      whole.notes.push_back(
          fmt::format("{}: has no sound #{}: silence, where it is encoded", parts.name(k), i));
}

void tell_left_out(const JoinedParts& parts, std::size_t k, InputInfo& whole) {
  for (const StreamInfo& s : parts.described[k]->info.streams) {
    const bool is_joined = std::ranges::any_of(
        parts.streams, [&](const JoinedStream& stream) { return stream.of_part[k] == s.index; });
    if (s.taken && !is_joined)
      whole.losses.push_back(
          fmt::format("{}: {}: concat joins the processed video, sound and subtitles",
                      parts.name(k), s.describe()));
  }
}

}  // namespace

std::string why_unlike(const JoinedParts& parts, std::size_t i) {
  const StreamKind kind = parts.info(parts.streams[i].like, i).kind;
  if (kind != StreamKind::audio && kind != StreamKind::subtitle) return "";
  std::string found;
  for (std::size_t k = 0; k < parts.size() && found.empty(); ++k) found = unlike_in(parts, k, i);
  return found;
}

void tell_differences(const JoinedParts& parts, InputInfo& whole) {
  for (std::size_t k = 0; k < parts.size(); ++k) {
    if (k > 0) tell_pictures(parts, k, whole);
    tell_silence(parts, k, whole);
    tell_left_out(parts, k, whole);
  }
}

}  // namespace quadrant
