// SPDX-License-Identifier: MIT
#include "pipeline/media/losses.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "pipeline/media/encoders.h"

extern "C" {
#include <libavutil/avstring.h>
}

#include "pipeline/counted.h"
#include "pipeline/media/kept.h"
#include "pipeline/media/mux.h"
#include "pipeline/media/mux_streams.h"
#include "pipeline/media/orientation.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/trial.h"

namespace quadrant {
namespace {

Trial::Change with_side_data(const AVStream& in, AVPacketSideDataType type) {
  return [&in, type](AVFormatContext&, AVStream& out) { copy_side_data(out, in, type); };
}

Trial::Change with_tag(const char* name, const char* value) {
  return [=](AVFormatContext&, AVStream& out) { av_dict_set(&out.metadata, name, value, 0); };
}

std::string lost_tags(const std::string& names, const std::string& container) {
  return fmt::format("metadata {}: {} cannot hold {}", names, container,
                     names.find(',') == std::string::npos ? "it" : "them");
}

// Is there anything that players do?
bool tells_orientation(const AVStream& in) {
  return rotation_of(in) && orientation_of(in) != Orientation{};
}

// MPEG-TS writes its tables only with the first packet, so the header does not show what they hold.
bool in_tables_of_ts(const std::string& container, const AVStream& in, std::string_view property) {
  const bool video = in.codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
  return container == "mpegts" && !video &&
         (property == "language" || property == "hearing_impaired" ||
          property == "visual_impaired");
}

bool in_tables_of_ts(const std::string& container, std::string_view tag) {
  return container == "mpegts" &&
         (tag == "title" || tag == "service_name" || tag == "service_provider");
}

using Kept = std::vector<KeptProperty>;

// Only what libavformat's reader finds in the trial can be asked of the written file: it does not
// know all that its muxers write (the name of a track of MP4).
void add_kept(Kept& kept, const Trial& trial, const Trial::Change& change,
              const KeptProperty& property) {
  KeptProperty& added = kept.emplace_back(property);
  const auto has = [&](const AVFormatContext& read) {
    return first_missing(read, {property}).empty();
  };
  added.is_checked = trial.reads_back(change, has);
}

// What is in tables that only packets bring, or that readers tell in other words.
void add_unchecked(Kept& kept, const KeptProperty& property) {
  kept.emplace_back(property).is_checked = false;
}

void add_lost_side_data(std::vector<std::string>& losses, Kept& kept, const Trial& trial,
                        const OutputPlan& plan, const AVStream& in, const AVCodecContext* encoder) {
  struct SideData {
    AVPacketSideDataType type;
    std::string what;
  };
  const std::array kinds = {
      SideData{AV_PKT_DATA_MASTERING_DISPLAY_METADATA, "HDR mastering display"},
      SideData{AV_PKT_DATA_CONTENT_LIGHT_LEVEL, "HDR content light level"},
      SideData{AV_PKT_DATA_STEREO3D, "stereo 3D"},
      SideData{AV_PKT_DATA_SPHERICAL, "spherical projection"}};
  for (const SideData& kind : kinds) {
    if (!stream_side_data(in, kind.type)) continue;
    if (encoder && is_outdated(kind.type, in, *encoder)) continue;
    if (const Trial::Change change = with_side_data(in, kind.type); trial.writes(change))
      add_kept(kept, trial, change,
               {KeptProperty::Kind::side_data, kind.what, "", kind.type, "", 0});
    else
      losses.push_back(lost(kind.what, plan.container));
  }
  if (!encoder && loses_orientation(plan, in, nullptr))
    losses.push_back(lost_orientation(in, plan.container));
  if (!encoder && stream_side_data(in, AV_PKT_DATA_ICC_PROFILE) &&
      !trial.writes(with_side_data(in, AV_PKT_DATA_ICC_PROFILE)))
    losses.push_back(lost("ICC profile", plan.container));
}

// Not reported: an unknown language, tags about the old coding, tags that muxers write themselves,
// and the file name of a cover.
bool means_something(const AVDictionaryEntry& tag) {
  constexpr std::array own = {"handler_name", "vendor_id", "creation_time", "filename", "mimetype"};
  const auto is_key = [&](const char* name) { return av_strcasecmp(tag.key, name) == 0; };
  if (is_key("language")) return std::string_view(tag.value) != "und";
  return !tells_of_coding(tag.key) && std::ranges::none_of(own, is_key);
}

// "location-eng" beside "location": libavformat's MP4 reader gives a text in each language, and one
// without, which is what is written.
bool is_translation(const AVDictionary* tags, const AVDictionaryEntry& tag) {
  constexpr std::size_t suffix = 4;
  const std::string_view key = tag.key;
  if (key.size() <= suffix || key[key.size() - suffix] != '-') return false;
  const std::string plain(key.substr(0, key.size() - suffix));
  const AVDictionaryEntry* found = av_dict_get(tags, plain.c_str(), nullptr, 0);
  return found && std::string_view(found->value) == tag.value;
}

// How a tag of a stream or a file is found again. Muxers write some texts in their own way.
void add_kept_tag(Kept& kept, const Trial& trial, const Trial::Change& change,
                  const AVDictionaryEntry& tag) {
  const std::string_view name = tag.key, value = tag.value;
  constexpr std::array rewritten = {"creation_time", "date", "timecode", "track", "disc"};
  const auto kind = name == "language" ? KeptProperty::Kind::language : KeptProperty::Kind::tag;
  const KeptProperty property{kind, fmt::format("metadata {}", name), tag.value, 0, "", 0};
  if (value.empty() || std::ranges::find(rewritten, name) != rewritten.end())
    add_unchecked(kept, property);
  else
    add_kept(kept, trial, change, property);
}

void add_lost_tags(std::vector<std::string>& losses, Kept& kept, const Trial& trial,
                   const std::string& container, const AVStream& in) {
  std::string names;
  const AVDictionaryEntry* tag = nullptr;
  while ((tag = av_dict_get(in.metadata, "", tag, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    const std::string_view key = tag->key;
    if (!means_something(*tag) || is_translation(in.metadata, *tag)) continue;
    if (in_tables_of_ts(container, in, key)) {
      add_unchecked(kept, {KeptProperty::Kind::tag, fmt::format("metadata {}", key), tag->value});
      continue;
    }
    if (const Trial::Change change = with_tag(tag->key, tag->value); trial.writes(change)) {
      add_kept_tag(kept, trial, change, *tag);
      continue;
    }
    if (key == "language" || key == "title")
      losses.push_back(lost(fmt::format("{} {}", key, tag->value), container));
    else
      names += (names.empty() ? "" : ", ") + std::string(key);
  }
  if (!names.empty()) losses.push_back(lost_tags(names, container));
}

constexpr std::array files_of_apple = {"mp4", "mov", "ipod", "3gp", "3g2", "psp", "f4v"};

bool is_of_apple(const std::string& container) {
  return std::ranges::find(files_of_apple, container) != files_of_apple.end();
}

// An edit list of MP4 hides the samples of the encoder's delay: its reader gives their packets
// times before the start. Matroska's field for it is honoured for Opus, which tells it itself, too.
void add_lost_start(std::vector<std::string>& losses, const std::string& container,
                    const AVStream& in) {
  const AVIndexEntry* first = avformat_index_get_entry(const_cast<AVStream*>(&in), 0);
  if (in.codecpar->codec_type != AVMEDIA_TYPE_AUDIO || in.codecpar->codec_id == AV_CODEC_ID_OPUS ||
      !first || first->timestamp >= 0 || is_of_apple(container))
    return;
  losses.push_back(fmt::format(
      "{:.0f} ms before the sound's start, which the input hides: {} cannot, they are played",
      -1000 * static_cast<double>(first->timestamp) * av_q2d(in.time_base), container));
}

void add_lost_channels(std::vector<std::string>& losses, const AVStream& in,
                       const AVCodecContext* encoder) {
  if (!encoder || in.codecpar->codec_type != AVMEDIA_TYPE_AUDIO) return;
  const int had = in.codecpar->ch_layout.nb_channels, has = encoder->ch_layout.nb_channels;
  if (has < had)
    losses.push_back(fmt::format("mixed down to {}, the most that {} takes",
                                 counted(has, "channel"), encoder->codec->name));
}

void add_lost_roles(std::vector<std::string>& losses, Kept& kept, const Trial& trial,
                    const std::string& container, const AVStream& in) {
  for (int role : {AV_DISPOSITION_FORCED, AV_DISPOSITION_COMMENT, AV_DISPOSITION_HEARING_IMPAIRED,
                   AV_DISPOSITION_VISUAL_IMPAIRED, AV_DISPOSITION_ORIGINAL, AV_DISPOSITION_DUB,
                   AV_DISPOSITION_LYRICS, AV_DISPOSITION_KARAOKE, AV_DISPOSITION_CAPTIONS})
    if (in.disposition & role) {
      const char* name = av_disposition_to_string(role);
      const Trial::Change change = [role](AVFormatContext&, AVStream& out) {
        out.disposition = role;
      };
      if (in_tables_of_ts(container, in, name)) {
        add_unchecked(kept, {KeptProperty::Kind::role, fmt::format("role {}", name), "", role});
        continue;
      }
      if (trial.writes(change))
        add_kept(kept, trial, change,
                 {KeptProperty::Kind::role, fmt::format("role {}", name), "", role, "", 0});
      else
        losses.push_back(lost(fmt::format("role {}", name), container));
    }
}

}  // namespace

bool loses_choice(const OutputPlan& plan, const AVStream& in, const AVCodecContext* encoder) {
  // MP4 writes it as `enabled`, but enables the first of a kind anyway: one stream shows nothing.
  if (is_of_apple(plan.container)) return false;
  return !Trial(plan.container, in, encoder).writes([](AVFormatContext&, AVStream& out) {
    out.disposition = AV_DISPOSITION_DEFAULT;
  });
}

bool loses_creation_time(const OutputPlan& plan, const AVFormatContext& input, const AVStream& in,
                         const AVCodecContext* encoder) {
  constexpr const char* name = "creation_time";
  const AVDictionaryEntry* own = av_dict_get(in.metadata, name, nullptr, 0);
  const AVDictionaryEntry* all = av_dict_get(input.metadata, name, nullptr, 0);
  if (!plan.keep_metadata || !own || (all && std::string_view(all->value) == own->value))
    return false;
  return !Trial(plan.container, in, encoder).writes(with_tag(name, own->value));
}

std::string lost_orientation(const AVStream& in, const std::string& container) {
  const std::optional<Orientation> orientation = orientation_of(in);
  return lost(orientation ? fmt::format("orientation ({})", orientation->describe())
                          : fmt::format("rotation by {:.1f} degrees", rotation_of(in).value_or(0)),
              container);
}

bool loses_orientation(const OutputPlan& plan, const AVStream& in, const AVCodecContext* encoder) {
  const bool is_replaced = encoder && !plan.keep_rotation;
  if (is_replaced || !tells_orientation(in) || writes_nothing(plan.container)) return false;
  return plan.images ||
         !Trial(plan.container, in, encoder).writes(with_side_data(in, AV_PKT_DATA_DISPLAYMATRIX));
}

std::vector<std::string> lost_of_stream(const OutputPlan& plan, const AVStream& in,
                                        const AVCodecContext* encoder, Kept& kept) {
  const Trial trial(plan.container, in, encoder);
  std::vector<std::string> losses;
  add_lost_side_data(losses, kept, trial, plan, in, encoder);
  if (plan.keep_metadata) add_lost_tags(losses, kept, trial, plan.container, in);
  add_lost_roles(losses, kept, trial, plan.container, in);
  add_lost_channels(losses, in, encoder);
  if (!encoder && plan.from_start) add_lost_start(losses, plan.container, in);
  return losses;
}

std::vector<std::string> lost_of_file(const std::string& container, const AVFormatContext& input,
                                      const AVCodecContext& video, const AVStream& in, Kept& kept) {
  const Trial trial(container, in, &video);
  AVFormatContext* all = new_output_context(container);
  copy_metadata(*all, input);
  std::string names;
  const AVDictionaryEntry* tag = nullptr;
  while ((tag = av_dict_get(all->metadata, "", tag, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    if (tells_of_coding(tag->key) || is_translation(all->metadata, *tag)) continue;
    if (in_tables_of_ts(container, tag->key)) {
      add_unchecked(kept,
                    {KeptProperty::Kind::tag, fmt::format("metadata {}", tag->key), tag->value});
      continue;
    }
    const Trial::Change change = [tag](AVFormatContext& out, AVStream&) {
      av_dict_set(&out.metadata, tag->key, tag->value, 0);
    };
    if (trial.writes(change))
      add_kept_tag(kept, trial, change, *tag);
    else
      names += (names.empty() ? "" : ", ") + std::string(tag->key);
  }
  avformat_free_context(all);
  std::vector<std::string> losses;
  if (!names.empty()) losses.push_back(lost_tags(names, container));
  if (input.nb_programs > 1)
    losses.push_back(fmt::format("{} programs and their names: written as one", input.nb_programs));
  return losses;
}

}  // namespace quadrant
