// SPDX-License-Identifier: MIT
#include "pipeline/media/kept.h"

#include <algorithm>

#include "pipeline/media/stream_info.h"

namespace quadrant {
namespace {

using Kind = KeptProperty::Kind;

// A container may have put the streams in another order, but not those of one kind.
const AVStream* stream_of(const AVFormatContext& file, const KeptProperty& property) {
  if (property.stream_kind.empty()) return file.nb_streams > 0 ? file.streams[0] : nullptr;
  int seen = 0;
  for (unsigned i = 0; i < file.nb_streams; ++i) {
    const AVStream& s = *file.streams[i];
    if (name_of(stream_kind(s)) == property.stream_kind && seen++ == property.nth) return &s;
  }
  return nullptr;
}

bool has_value(const AVDictionary* tags, const std::string& value) {
  const AVDictionaryEntry* tag = nullptr;
  while ((tag = av_dict_get(tags, "", tag, AV_DICT_IGNORE_SUFFIX)) != nullptr)
    if (tag->value == value) return true;
  return false;
}

bool has_value(const AVFormatContext& file, const std::string& value) {
  const auto any = [&](auto** list, unsigned count) {
    return std::any_of(list, list + count,
                       [&](const auto* each) { return has_value(each->metadata, value); });
  };
  return has_value(file.metadata, value) || any(file.streams, file.nb_streams) ||
         any(file.programs, file.nb_programs);
}

bool has(const AVFormatContext& file, const KeptProperty& property) {
  if (property.kind == Kind::chapters) return static_cast<int>(file.nb_chapters) >= property.number;
  if (property.kind == Kind::tag) return has_value(file, property.text);
  const AVStream* stream = stream_of(file, property);
  if (!stream) return false;
  const AVCodecParameters& c = *stream->codecpar;
  switch (property.kind) {
    case Kind::language: return av_dict_get(stream->metadata, "language", nullptr, 0) != nullptr;
    case Kind::role: return stream->disposition & property.number;
    case Kind::side_data:
      return stream_side_data(*stream, static_cast<AVPacketSideDataType>(property.number));
    case Kind::sample_aspect:
      return stream->sample_aspect_ratio.num > 0 || c.sample_aspect_ratio.num > 0;
    case Kind::colour_tags:
      return c.color_primaries != AVCOL_PRI_UNSPECIFIED || c.color_trc != AVCOL_TRC_UNSPECIFIED ||
             c.color_space != AVCOL_SPC_UNSPECIFIED;
    default: return true;
  }
}

}  // namespace

std::string first_missing(const AVFormatContext& file,
                          const std::vector<KeptProperty>& properties) {
  const auto missing = std::ranges::find_if(properties, [&](const KeptProperty& property) {
    return property.is_checked && !has(file, property);
  });
  if (missing == properties.end()) return "";
  if (missing->stream_kind.empty()) return missing->what;
  return fmt::format("{} of {} {}", missing->what, missing->stream_kind, missing->nth);
}

}  // namespace quadrant
