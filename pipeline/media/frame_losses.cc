// SPDX-License-Identifier: MIT
// What pictures carry besides their samples: captions, HDR10+, timecodes, an ICC profile. No table
// of libavcodec's tells which encoder writes which of them. So the encoder is tried: a picture is
// encoded with and without it, and equal bytes mean that it is lost.
#include <algorithm>
#include <array>
#include <cstring>

#include "pipeline/contract/frame.h"
#include "pipeline/media/carried.h"
#include "pipeline/media/encode.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/filter_graph.h"
#include "pipeline/media/losses.h"
#include "pipeline/media/mux.h"
#include "pipeline/media/mux_streams.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/trial.h"

namespace quadrant {
namespace {

using Coding = std::vector<std::uint8_t>;

Coding coded(const VideoEncoding& video, bool global_header, const Frame& picture) {
  Encoder encoder(video, global_header);
  Coding bytes;
  const auto add = [&](const Packet& packet) {
    bytes.insert(bytes.end(), packet.av()->data, packet.av()->data + packet.av()->size);
  };
  encoder.encode(picture, add);
  encoder.encode({}, add);
  return bytes;
}

// Small, for speed; as large as the output is for an encoder that knows certain sizes only.
std::vector<VideoEncoding> trials_of(const VideoEncoding& video) {
  VideoEncoding alone = video, small = video;
  alone.threads = small.threads = 1;
  small.format.width = small.format.height = 128;
  return {small, alone};
}

// Does the coding contain side data of this type? False if the encoder refuses to be tried.
bool codes(const OutputPlan& plan, AVFrameSideDataType type, const void* data, std::size_t size) {
  const bool global_header = needs_global_header(plan.container);
  for (const VideoEncoding& video : trials_of(plan.video)) try {
      const Frame plain = blank_frame(video.format), marked = blank_frame(video.format);
      AVFrameSideData* made = av::not_null(av_frame_new_side_data(marked.av(), type, size));
      std::memcpy(made->data, data, size);
      return coded(video, global_header, plain) != coded(video, global_header, marked);
    } catch (const Error&) {
    }
  return false;
}

std::string who(const OutputPlan& plan) {
  return plan.images ? plan.video.encoder : plan.video.encoder + " in " + plan.container;
}

// The profile may be the stream's or the picture's, in the input and in the output.
bool loses_profile(const OutputPlan& plan, const AVStream& in, const AVCodecContext& encoder,
                   const AVFrame* first) {
  const AVFrameSideData* own =
      first ? av_frame_get_side_data(first, AV_FRAME_DATA_ICC_PROFILE) : nullptr;
  const std::uint8_t* told = stream_side_data(in, AV_PKT_DATA_ICC_PROFILE);
  if (!own && !told) return false;
  constexpr std::array<std::uint8_t, 128> header{};  // of a profile; what is in it does not matter
  if (own ? codes(plan, AV_FRAME_DATA_ICC_PROFILE, own->data, own->size)
          : codes(plan, AV_FRAME_DATA_ICC_PROFILE, header.data(), header.size()))
    return false;
  return plan.images ||
         !Trial(plan.container, in, &encoder).writes([&in](AVFormatContext&, AVStream& out) {
           copy_side_data(out, in, AV_PKT_DATA_ICC_PROFILE);
         });
}

struct CarriedKind {
  AVFrameSideDataType type;
  const char* what;
};
constexpr std::array carried_kinds = {
    CarriedKind{AV_FRAME_DATA_A53_CC, "closed captions (A/53)"},
    CarriedKind{AV_FRAME_DATA_DYNAMIC_HDR_PLUS, "HDR10+ (SMPTE 2094-40)"},
    CarriedKind{AV_FRAME_DATA_S12M_TIMECODE, "timecodes (SMPTE 12-1)"}};

}  // namespace

std::vector<int> carried_by(const AVFrame* frame) {
  std::vector<int> types;
  for (const CarriedKind& kind : carried_kinds)
    if (frame && av_frame_get_side_data(frame, kind.type)) types.push_back(kind.type);
  return types;
}

std::vector<std::string> names_of_carried(const std::vector<int>& types) {
  std::vector<std::string> names;
  for (const CarriedKind& kind : carried_kinds)
    if (std::ranges::find(types, kind.type) != types.end()) names.emplace_back(kind.what);
  return names;
}

CarriedLater::CarriedLater(const OutputPlan& plan)
    : plan_(plan), seen_(plan.carried.begin(), plan.carried.end()) {}

std::vector<std::string> CarriedLater::lost_with(const Frame& frame) {
  std::vector<std::string> losses;
  for (const CarriedKind& kind : carried_kinds) {
    const AVFrameSideData* found = av_frame_get_side_data(frame.av(), kind.type);
    if (!found || !seen_.insert(kind.type).second || writes_nothing(plan_.container)) continue;
    if (!codes(plan_, kind.type, found->data, found->size))
      losses.push_back(lost(kind.what, who(plan_)));
  }
  return losses;
}

std::vector<std::string> lost_of_frames(const OutputPlan& plan, const AVStream& in,
                                        const AVCodecContext& encoder, const AVFrame* first) {
  std::vector<std::string> losses;
  if (writes_nothing(plan.container)) return losses;
  for (const CarriedKind& kind : carried_kinds) {
    const AVFrameSideData* found = first ? av_frame_get_side_data(first, kind.type) : nullptr;
    if (found && !codes(plan, kind.type, found->data, found->size))
      losses.push_back(lost(kind.what, who(plan)));
  }
  if (loses_profile(plan, in, encoder, first)) losses.push_back(lost("ICC profile", who(plan)));
  const bool dolby = stream_side_data(in, AV_PKT_DATA_DOVI_CONF) ||
                     (first && av_frame_get_side_data(first, AV_FRAME_DATA_DOVI_RPU_BUFFER));
  if (dolby) losses.push_back("Dolby Vision: its metadata belongs to the old coding");
  return losses;
}

}  // namespace quadrant
