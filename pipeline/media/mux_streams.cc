// SPDX-License-Identifier: MIT
#include "pipeline/media/mux_streams.h"

#include <algorithm>
#include <array>
#include <cstring>

extern "C" {
#include <libavutil/avstring.h>
#include <libavutil/opt.h>
}

#include "pipeline/media/log.h"
#include "pipeline/media/mux.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

// Side data that describes the stream as a whole: rotation, HDR, colours, stereo and sphere. Data
// about the old encoding (CPB sizes, parameter changes) is not copied.
constexpr std::array kept_side_data = {
    AV_PKT_DATA_DISPLAYMATRIX,       AV_PKT_DATA_STEREO3D,
    AV_PKT_DATA_SPHERICAL,           AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
    AV_PKT_DATA_CONTENT_LIGHT_LEVEL, AV_PKT_DATA_ICC_PROFILE,
    AV_PKT_DATA_AUDIO_SERVICE_TYPE,  AV_PKT_DATA_REPLAYGAIN};

void copy_kept_side_data(AVStream& out, const AVStream& in) {
  for (AVPacketSideDataType type : kept_side_data) copy_side_data(out, in, type);
}

AVStream* add_stream(AVFormatContext& output, const AVStream& in) {
  AVStream* out = av::not_null(avformat_new_stream(&output, nullptr));
  out->disposition = in.disposition;
  out->avg_frame_rate = in.avg_frame_rate;
  out->r_frame_rate = in.r_frame_rate;
  out->id = output.oformat->flags & AVFMT_SHOW_IDS ? in.id : 0;
  return out;
}

// The tag of the input's container means nothing in another one, unless that one knows it too.
unsigned tag_for(const AVOutputFormat& container, const AVCodecParameters& codec) {
  unsigned known = 0;
  if (!container.codec_tag ||
      av_codec_get_id(container.codec_tag, codec.codec_tag) == codec.codec_id ||
      !av_codec_get_tag2(container.codec_tag, codec.codec_id, &known))
    return codec.codec_tag;
  return 0;
}

}  // namespace

void copy_side_data(AVStream& out, const AVStream& in, AVPacketSideDataType type) {
  const std::span<const std::uint8_t> found = side_data_of(in, type);
  if (found.data() && !stream_side_data(out, type)) add_side_data(out, type, found);
}

void drop_side_data(AVStream& out) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  av_packet_side_data_free(&out.codecpar->coded_side_data, &out.codecpar->nb_coded_side_data);
#else
  while (out.nb_side_data > 0) av_freep(&out.side_data[--out.nb_side_data].data);
#endif
}

void drop_rotation(AVStream& out) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  av_packet_side_data_remove(out.codecpar->coded_side_data, &out.codecpar->nb_coded_side_data,
                             AV_PKT_DATA_DISPLAYMATRIX);
#else
  for (int i = 0; i < out.nb_side_data; ++i) {
    if (out.side_data[i].type != AV_PKT_DATA_DISPLAYMATRIX) continue;
    av_freep(&out.side_data[i].data);
    out.side_data[i] = out.side_data[--out.nb_side_data];
    return;
  }
#endif
}

// Matroska stores a cover as an attached file, and recognizes it by its name and type.
static bool becomes_attachment(const AVFormatContext& output, const AVStream& in) {
  const AVCodecID id = in.codecpar->codec_id;
  return stream_kind(in) == StreamKind::cover &&
         std::string_view(output.oformat->name) == "matroska" && in.attached_pic.size > 0 &&
         (id == AV_CODEC_ID_PNG || id == AV_CODEC_ID_MJPEG);
}

static void attach_cover(AVStream& out, const AVStream& in) {
  AVCodecParameters& c = *out.codecpar;
  const AVPacket& picture = in.attached_pic;
  const bool png = c.codec_id == AV_CODEC_ID_PNG;
  c.codec_type = AVMEDIA_TYPE_ATTACHMENT;
  av_freep(&c.extradata);
  c.extradata = static_cast<std::uint8_t*>(av::not_null(
      av_mallocz(static_cast<std::size_t>(picture.size) + AV_INPUT_BUFFER_PADDING_SIZE)));
  c.extradata_size = picture.size;
  std::copy_n(picture.data, picture.size, c.extradata);
  av_dict_set(&out.metadata, "filename", png ? "cover.png" : "cover.jpg", 0);
  av_dict_set(&out.metadata, "mimetype", png ? "image/png" : "image/jpeg", 0);
}

AVFormatContext* new_output_context(const std::string& container) {
  AVFormatContext* context = nullptr;
  av::check(avformat_alloc_output_context2(&context, nullptr, container.c_str(), nullptr),
            container);
  // No random identifiers, writing time or library version: the same job gives the same bytes.
  context->flags |= AVFMT_FLAG_BITEXACT;
  return context;
}

AVStream* add_copied_stream(AVFormatContext& output, const AVStream& in) {
  AVStream* out = add_stream(output, in);
  av::check(avcodec_parameters_copy(out->codecpar, in.codecpar), "stream");
  out->codecpar->codec_tag = tag_for(*output.oformat, *in.codecpar);
  out->time_base = in.time_base;
  out->sample_aspect_ratio = in.sample_aspect_ratio;
#if LIBAVCODEC_VERSION_INT < AV_VERSION_INT(60, 31, 102)
  copy_kept_side_data(*out, in);  // later versions copy it with the codec parameters
  copy_side_data(*out, in, AV_PKT_DATA_DOVI_CONF);
#endif
  if (becomes_attachment(output, in)) attach_cover(*out, in);
  return out;
}

// Apple's players open HEVC in MP4 by this tag alone; the muxer's own choice is hev1. It promises
// that the parameter sets are in the header, as an encoder with a global header puts them.
static unsigned usual_tag(const AVOutputFormat& container, AVCodecID codec) {
  constexpr std::array<std::string_view, 3> apples = {"mp4", "mov", "ipod"};
  const bool apple = std::ranges::find(apples, std::string_view(container.name)) != apples.end();
  return apple && codec == AV_CODEC_ID_HEVC ? MKTAG('h', 'v', 'c', '1') : 0;
}

AVStream* add_encoded_stream(AVFormatContext& output, const AVCodecContext& encoder,
                             const AVStream& in) {
  AVStream* out = add_stream(output, in);
  av::check(avcodec_parameters_from_context(out->codecpar, &encoder), "stream");
  if (const unsigned tag = usual_tag(*output.oformat, encoder.codec_id))
    out->codecpar->codec_tag = tag;
  out->time_base = encoder.time_base;
  out->sample_aspect_ratio = encoder.sample_aspect_ratio;
  if (encoder.framerate.num > 0) out->avg_frame_rate = encoder.framerate;
  for (AVPacketSideDataType type : kept_side_data)
    if (!is_outdated(type, in, encoder)) copy_side_data(*out, in, type);
  return out;
}

bool is_outdated(AVPacketSideDataType type, const AVStream& in, const AVCodecContext& encoder) {
  const bool of_light =
      type == AV_PKT_DATA_MASTERING_DISPLAY_METADATA || type == AV_PKT_DATA_CONTENT_LIGHT_LEVEL;
  const bool known = encoder.color_trc != AVCOL_TRC_UNSPECIFIED;
  return of_light && known && av::is_hdr(in.codecpar->color_trc) && !av::is_hdr(encoder.color_trc);
}

bool tells_in_band(AVCodecID codec) {
  constexpr std::array ids = {AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MPEG2VIDEO,
                              AV_CODEC_ID_AV1, AV_CODEC_ID_PRORES};
  return std::ranges::find(ids, codec) != ids.end();
}

bool prefers_profile(const AVFormatContext& output) {
  if (!output.oformat->priv_class ||
      !av_opt_find(const_cast<const AVClass**>(&output.oformat->priv_class), "prefer_icc",
                   "movflags", 0, AV_OPT_SEARCH_FAKE_OBJ))
    return false;
  return std::any_of(output.streams, output.streams + output.nb_streams, [&](const AVStream* s) {
    return stream_side_data(*s, AV_PKT_DATA_ICC_PROFILE) && tells_in_band(s->codecpar->codec_id);
  });
}

bool tells_of_coding(const char* tag) {
  constexpr std::array begins = {"encoder",          "alpha_mode",      "duration",    "bps",
                                 "number_of_frames", "number_of_bytes", "_statistics_"};
  return std::ranges::any_of(begins,
                             [&](const char* begin) { return av_stristart(tag, begin, nullptr); });
}

void copy_stream_metadata(AVStream& out, const AVStream& in, bool encoded) {
  const AVDictionaryEntry* tag = nullptr;
  while ((tag = av_dict_get(in.metadata, "", tag, AV_DICT_IGNORE_SUFFIX)) != nullptr)
    if (!encoded || !tells_of_coding(tag->key)) av_dict_set(&out.metadata, tag->key, tag->value, 0);
}

// MPEG-TS stores the name with a program, and its muxer takes it from the file's tags. The name
// that FFmpeg writes by default is ignored.
static void copy_service(AVDictionary** tags, const AVFormatContext& input) {
  if (input.nb_programs != 1) return;
  const AVDictionary* service = input.programs[0]->metadata;
  const AVDictionaryEntry* provider = av_dict_get(service, "service_provider", nullptr, 0);
  if (provider && std::string_view(provider->value) == "FFmpeg") return;
  for (const char* key : {"service_name", "service_provider"})
    if (const AVDictionaryEntry* tag = av_dict_get(service, key, nullptr, 0))
      av_dict_set(tags, key, tag->value, AV_DICT_DONT_OVERWRITE);
}

void copy_metadata(AVFormatContext& output, const AVFormatContext& input) {
  av_dict_copy(&output.metadata, input.metadata, 0);
  copy_service(&output.metadata, input);
  // These describe the old file, not its content (FFmpeg drops them too).
  for (const char* old : {"company_name", "product_name", "product_version", "major_brand",
                          "minor_version", "compatible_brands", "encoder"})
    av_dict_set(&output.metadata, old, nullptr, 0);
}

void copy_chapters(AVFormatContext& output, const AVFormatContext& input) {
  const std::int64_t start = input.start_time == AV_NOPTS_VALUE ? 0 : input.start_time;
  auto** list = static_cast<AVChapter**>(av_calloc(input.nb_chapters, sizeof(AVChapter*)));
  if (list == nullptr) return;
  output.chapters = list;
  for (unsigned i = 0; i < input.nb_chapters; ++i) {
    const AVChapter& in = *input.chapters[i];
    const std::int64_t offset = rescaled(start, AV_TIME_BASE_Q, in.time_base);
    auto* out = av::not_null(static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter))));
    out->id = in.id;
    out->time_base = in.time_base;
    out->start = std::max<std::int64_t>(0, minus(in.start, offset));
    out->end = std::max<std::int64_t>(out->start, minus(in.end, offset));
    av_dict_copy(&out->metadata, in.metadata, 0);
    list[output.nb_chapters++] = out;
  }
}

}  // namespace quadrant
