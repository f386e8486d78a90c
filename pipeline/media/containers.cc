// SPDX-License-Identifier: MIT
// What a container can hold. libavformat's tables say only half of it; for the rest the muxer is
// tried.
#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "pipeline/media/mux.h"
#include "pipeline/media/mux_streams.h"
#include "pipeline/media/stream_info.h"

namespace quadrant {
namespace {

// MPEG-TS takes any codec as "private data", and readers cannot tell which it was.
bool known_in_ts(AVCodecID id) {
  constexpr std::array known = {AV_CODEC_ID_MPEG1VIDEO,
                                AV_CODEC_ID_MPEG2VIDEO,
                                AV_CODEC_ID_MPEG4,
                                AV_CODEC_ID_H264,
                                AV_CODEC_ID_HEVC,
                                AV_CODEC_ID_VVC,
                                AV_CODEC_ID_CAVS,
                                AV_CODEC_ID_DIRAC,
                                AV_CODEC_ID_VC1,
                                AV_CODEC_ID_MP1,
                                AV_CODEC_ID_MP2,
                                AV_CODEC_ID_MP3,
                                AV_CODEC_ID_AAC,
                                AV_CODEC_ID_AAC_LATM,
                                AV_CODEC_ID_AC3,
                                AV_CODEC_ID_EAC3,
                                AV_CODEC_ID_DTS,
                                AV_CODEC_ID_TRUEHD,
                                AV_CODEC_ID_OPUS,
                                AV_CODEC_ID_S302M,
                                AV_CODEC_ID_DVB_SUBTITLE,
                                AV_CODEC_ID_DVB_TELETEXT,
                                AV_CODEC_ID_HDMV_PGS_SUBTITLE,
                                AV_CODEC_ID_HDMV_TEXT_SUBTITLE,
                                AV_CODEC_ID_ARIB_CAPTION,
                                AV_CODEC_ID_SMPTE_KLV,
                                AV_CODEC_ID_TIMED_ID3,
                                AV_CODEC_ID_SCTE_35};
  return std::ranges::find(known, id) != known.end();
}

}  // namespace

bool can_hold_chapters(const std::string& container) {
  // libavformat has no query for this; these muxers of FFmpeg 5.1 to 8 read
  // AVFormatContext.chapters.
  constexpr std::array<std::string_view, 14> known = {"matroska",   "webm", "mp4", "mov",  "ipod",
                                                      "3gp",        "3g2",  "psp", "ismv", "nut",
                                                      "ffmetadata", "asf",  "ogg", "f4v"};
  return std::ranges::find(known, container) != known.end();
}

bool needs_global_header(const std::string& container) {
  const AVOutputFormat* format = av_guess_format(container.c_str(), nullptr, nullptr);
  return format && format->flags & AVFMT_GLOBALHEADER;
}

bool can_copy(const Input& input, int stream, const std::string& container) {
  const AVStream& in = *input.av()->streams[stream];
  const StreamKind kind = stream_kind(in);
  // Other containers would make it a track that players show.
  if (kind == StreamKind::cover && container != "mp4" && container != "ipod" &&
      container != "matroska")
    return false;
  if (kind == StreamKind::attachment && container != "matroska") return false;
  if (container == "mpegts" && !known_in_ts(in.codecpar->codec_id)) return false;
  AVFormatContext* context = new_output_context(container);
  const std::unique_ptr<AVFormatContext, void (*)(AVFormatContext*)> owner(context,
                                                                           avformat_free_context);
  const bool known = kind == StreamKind::attachment ||
                     (container == "matroska" && kind == StreamKind::cover) ||
                     avformat_query_codec(context->oformat, in.codecpar->codec_id,
                                          FF_COMPLIANCE_EXPERIMENTAL) != 0;
  bool holds = known && !(context->oformat->flags & AVFMT_NOFILE);
  if (holds) {  // the tables allow it, but the muxer may still refuse: try it
    add_copied_stream(*context, in);
    if (in.metadata) av_dict_copy(&context->streams[0]->metadata, in.metadata, 0);
    av::refused(avio_open_dyn_buf(&context->pb));
    const int code = avformat_write_header(context, nullptr);
    std::uint8_t* memory = nullptr;
    avio_close_dyn_buf(context->pb, &memory);
    av_freep(&memory);
    holds = !av::refused(code);
  }
  return holds;
}

}  // namespace quadrant
