// SPDX-License-Identifier: MIT
#include "pipeline/media/stream_info.h"

#include <algorithm>
#include <array>
#include <cmath>

extern "C" {
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

#include "pipeline/counted.h"
#include "pipeline/media/orientation.h"
#include "pipeline/media/rate.h"

namespace quadrant {
namespace {

std::map<std::string, std::string> to_map(const AVDictionary* dictionary) {
  std::map<std::string, std::string> result;
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr)
    result[entry->key] = entry->value;
  return result;
}

double seconds(std::int64_t ticks, AVRational time_base) {
  return ticks == AV_NOPTS_VALUE ? 0.0 : static_cast<double>(ticks) * av_q2d(time_base);
}

Format video_format(AVFormatContext& context, AVStream& stream) {
  const AVCodecParameters& c = *stream.codecpar;
  Format f;
  f.pixels = PixelFormat(c.format);
  f.width = c.width;
  f.height = c.height;
  f.sample_aspect = av::from_av(av_guess_sample_aspect_ratio(&context, &stream, nullptr));
  f.colour = {c.color_range, c.color_primaries, c.color_trc, c.color_space, c.chroma_location};
  f.time_base = av::from_av(stream.time_base);
  f.frame_rate = av::from_av(av_guess_frame_rate(&context, &stream, nullptr));
  f.field_order = c.field_order;
  return f;
}

// Nothing but coded pictures. libavformat's flag (AVFMT_NOTIMESTAMPS) is not set for all of them.
bool is_raw_stream(std::string_view demuxer) {
  constexpr std::array<std::string_view, 20> names = {
      "h264",      "hevc",  "vvc",   "evc",       "h261",       "h263",    "m4v",
      "mpegvideo", "mjpeg", "vc1",   "av1",       "cavsvideo",  "avs2",    "avs3",
      "obu",       "dirac", "dnxhd", "ingenient", "mjpeg_2000", "rawvideo"};
  return std::ranges::find(names, demuxer) != names.end();
}

int channel_count(const AVCodecParameters& c) { return c.ch_layout.nb_channels; }

StreamInfo describe_stream(AVFormatContext& context, AVStream& stream) {
  const AVCodecParameters& c = *stream.codecpar;
  StreamInfo info;
  info.index = stream.index;
  info.kind = stream_kind(stream);
  info.codec = avcodec_get_name(c.codec_id);
  if (const char* profile = avcodec_profile_name(c.codec_id, c.profile)) info.profile = profile;
  info.start_seconds = seconds(stream.start_time, stream.time_base);
  info.duration_seconds = seconds(stream.duration, stream.time_base);
  info.bit_rate = c.bit_rate;
  info.frames = stream.nb_frames;
  // Other containers count dropped pictures too, or guess; this one's index is after its edit
  // lists, and exact.
  if (std::string_view(context.iformat->name).starts_with("mov,"))
    info.indexed = avformat_index_get_entries_count(&stream);
  info.metadata = to_map(stream.metadata);
  if (c.codec_type == AVMEDIA_TYPE_VIDEO) {
    info.format = video_format(context, stream);
    info.variable_rate = header_says_variable(stream, av::to_av(info.format.frame_rate));
  }
  if (c.codec_type == AVMEDIA_TYPE_AUDIO) {
    info.sample_rate = c.sample_rate;
    info.channels = channel_count(c);
  }
  info.pictures_tell_orientation = !stream_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX);
  set_orientation(info, stream);
  return info;
}

}  // namespace

void set_orientation(StreamInfo& info, const AVStream& stream) {
  if (!stream_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX)) return;
  info.orientation = orientation_of(stream);
  info.rotation = info.orientation ? info.orientation->degrees : rotation_of(stream).value_or(0);
  if (info.orientation && info.orientation->upright()) info.orientation.reset();
}

std::string_view name_of(StreamKind kind) {
  switch (kind) {
    case StreamKind::video: return "video";
    case StreamKind::cover: return "cover";
    case StreamKind::audio: return "audio";
    case StreamKind::subtitle: return "subtitle";
    case StreamKind::attachment: return "attachment";
    case StreamKind::data: break;
  }
  return "data";
}

StreamKind stream_kind(const AVStream& stream) {
  switch (stream.codecpar->codec_type) {
    case AVMEDIA_TYPE_VIDEO:
      return stream.disposition & AV_DISPOSITION_ATTACHED_PIC ? StreamKind::cover
                                                              : StreamKind::video;
    case AVMEDIA_TYPE_AUDIO: return StreamKind::audio;
    case AVMEDIA_TYPE_SUBTITLE: return StreamKind::subtitle;
    case AVMEDIA_TYPE_ATTACHMENT: return StreamKind::attachment;
    default: return StreamKind::data;
  }
}

std::optional<double> rotation_of(const AVStream& stream) {
  const std::uint8_t* matrix = stream_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX);
  if (!matrix) return std::nullopt;
  const double degrees = -av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
  return std::isfinite(degrees) ? std::optional(degrees + 0.0) : std::nullopt;
}

bool is_encrypted(const AVPacket& packet) {
  return av_packet_get_side_data(&packet, AV_PKT_DATA_ENCRYPTION_INFO, nullptr) != nullptr;
}

std::string why_undecodable(const AVStream& stream) {
  const AVCodecParameters& codec = *stream.codecpar;
  if (stream_side_data(stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO) ||
      av_dict_get(stream.metadata, "enc_key_id", nullptr, 0))  // Matroska's
    return encrypted;
  if (codec.codec_id == AV_CODEC_ID_NONE) {
    char tag[AV_FOURCC_MAX_STRING_SIZE] = {};
    av_fourcc_make_string(tag, codec.codec_tag);
    return fmt::format("the installed FFmpeg does not know its codec{}; convert the input first",
                       codec.codec_tag == 0 ? "" : fmt::format(" ({})", tag));
  }
  if (avcodec_find_decoder(codec.codec_id)) return "";
  return fmt::format(
      "no decoder for {} in the installed FFmpeg; install one or convert the input first",
      avcodec_get_name(codec.codec_id));
}

const std::uint8_t* stream_side_data(const AVStream& stream, AVPacketSideDataType type) {
  return side_data_of(stream, type).data();
}

std::span<const std::uint8_t> side_data_of(const AVStream& stream, AVPacketSideDataType type) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  const AVPacketSideData* found = av_packet_side_data_get(
      stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data, type);
  return found ? std::span<const std::uint8_t>(found->data, found->size)
               : std::span<const std::uint8_t>();
#else
  std::size_t size = 0;
  const std::uint8_t* found = av_stream_get_side_data(&stream, type, &size);
  return {found, found ? size : 0};
#endif
}

void add_side_data(AVStream& stream, AVPacketSideDataType type,
                   std::span<const std::uint8_t> data) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  AVPacketSideData* made = av::not_null(
      av_packet_side_data_new(&stream.codecpar->coded_side_data,
                              &stream.codecpar->nb_coded_side_data, type, data.size(), 0));
  std::ranges::copy(data, made->data);
#else
  std::ranges::copy(data, av::not_null(av_stream_new_side_data(&stream, type, data.size())));
#endif
}

void copy_stream_side_data(AVStream& to, const AVStream& from) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  static_cast<void>(to);
  static_cast<void>(from);  // part of the parameters
#else
  for (int i = 0; i < from.nb_side_data; ++i)
    add_side_data(to, from.side_data[i].type, {from.side_data[i].data, from.side_data[i].size});
#endif
}

InputInfo describe_input(const std::string& name, AVFormatContext& context) {
  InputInfo info;
  info.name = name;
  info.container = context.iformat->name;
  info.start_seconds = seconds(context.start_time, AV_TIME_BASE_Q);
  info.duration_seconds = seconds(context.duration, AV_TIME_BASE_Q);
  info.bit_rate = context.bit_rate;
  info.chapters = static_cast<int>(context.nb_chapters);
  info.tells_times = !is_raw_stream(context.iformat->name);
  info.metadata = to_map(context.metadata);
  for (unsigned i = 0; i < context.nb_streams; ++i)
    info.streams.push_back(describe_stream(context, *context.streams[i]));
  return info;
}

std::int64_t bytes_of_raw_picture(const AVFormatContext& context, const InputInfo& info) {
  if (info.container != "rawvideo" || info.video < 0) return 0;
  const AVCodecParameters& c = *context.streams[info.video]->codecpar;
  const int bytes =
      av_image_get_buffer_size(static_cast<AVPixelFormat>(c.format), c.width, c.height, 1);
  return std::max(bytes, 0);
}

std::int64_t InputInfo::expected_frames() const { return is_one_picture() ? 1 : stated_frames(); }

std::int64_t InputInfo::stated_frames() const {
  if (video < 0) return 0;
  const StreamInfo& s = video_stream();
  if (s.frames > 0) return s.frames;
  const double length = s.duration_seconds > 0 ? s.duration_seconds : duration_seconds;
  return std::llround(length * s.format.frame_rate.value());
}

double InputInfo::end_of_video() const {
  if (video < 0 || video_stream().duration_seconds <= 0) return duration_seconds;
  const StreamInfo& s = video_stream();
  return std::max(0.0, s.start_seconds - start_seconds) + s.duration_seconds;
}

bool InputInfo::is_of_pictures() const {
  return container == "image2" || container.ends_with("_pipe");
}

bool InputInfo::is_one_picture() const {
  const std::int64_t frames = stated_frames();
  // libavformat's demuxers for image files (png_pipe etc.); on standard input they read many
  // pictures.
  return frames == 1 || (frames == 0 && container.ends_with("_pipe") && name != "-");
}

std::string StreamInfo::describe() const {
  std::string text = fmt::format("#{} {} {}", index, name_of(kind), codec);
  if (kind == StreamKind::video || kind == StreamKind::cover) text += " " + format.describe();
  if (orientation && orientation->mirrored) text += " mirrored";
  if (rotation != 0) text += fmt::format(" rotated {:g}", rotation);
  if (kind == StreamKind::audio)
    text += fmt::format(" {} Hz {}", sample_rate, counted(channels, "channel"));
  if (const auto language = metadata.find("language"); language != metadata.end())
    text += fmt::format(" ({})", language->second);
  return text;
}

}  // namespace quadrant
