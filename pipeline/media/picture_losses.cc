// SPDX-License-Identifier: MIT
// Properties of a picture and of its samples that an encoded stream does not keep.
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include "pipeline/media/encode.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/losses.h"
#include "pipeline/media/mux_streams.h"
#include "pipeline/media/trial.h"

namespace quadrant {
namespace {

bool tells_in_pictures(const std::string& encoder) {
  return tells_in_band(avcodec_find_encoder_by_name(encoder.c_str())->id);
}

// An encoder that codes fields stores their order in the pictures.
bool codes_fields(const VideoEncoding& video) {
  const Encoder encoder(video, true);
  return encoder.av().flags & (AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME);
}

// Does the container tell it to whoever reads its header?
bool tells_field_order(const std::string& container, const AVStream& in,
                       const VideoEncoding& video) {
  const Encoder encoder(video, true);
  const Trial trial(container, in, &encoder.av());
  const auto order = static_cast<AVFieldOrder>(video.format.field_order);
  return trial.reads_back(
      [order](AVFormatContext&, AVStream& out) { out.codecpar->field_order = order; },
      [order](const AVFormatContext& read) {
        return read.streams[0]->codecpar->field_order == order;
      });
}

// RGB has no matrix; the one used for its conversion is not a property of the input.
bool has_colour_tags(const Colour& c, const AVStream& in) {
  const bool matrix = (c.matrix > 2 || c.matrix == 1) && !PixelFormat(in.codecpar->format).is_rgb();
  return c.primaries != 2 || c.transfer != 2 || matrix;
}

std::string colour_text(const Colour& c) {
  return fmt::format("colour tags (primaries {}, transfer {}, matrix {})",
                     av_color_primaries_name(static_cast<AVColorPrimaries>(c.primaries)),
                     av_color_transfer_name(static_cast<AVColorTransferCharacteristic>(c.transfer)),
                     av_color_space_name(static_cast<AVColorSpace>(c.matrix)));
}

bool same_extradata(const AVCodecContext& a, const AVCodecContext& b) {
  return a.extradata_size == b.extradata_size &&
         std::equal(a.extradata, a.extradata + a.extradata_size, b.extradata);
}

}  // namespace

std::vector<std::string> lost_of_picture(const std::string& container, const AVStream& in,
                                         const VideoEncoding& video,
                                         std::vector<KeptProperty>& kept) {
  const auto writes = [&](const Format& without) {
    VideoEncoding bare = video;
    bare.format = without;
    const Encoder a(video, true), b(bare, true);
    const Trial trial(container, in, &b.av());
    return !same_extradata(a.av(), b.av()) || trial.writes([&](AVFormatContext&, AVStream& out) {
      av::check(avcodec_parameters_from_context(out.codecpar, &a.av()), "stream");
      out.sample_aspect_ratio = a.av().sample_aspect_ratio;
    });
  };
  std::vector<std::string> losses;
  const Format& f = video.format;
  Format bare = f;
  bare.field_order = AV_FIELD_UNKNOWN;
  if (f.interlaced() && !codes_fields(video) &&
      (tells_in_pictures(video.encoder) || !tells_field_order(container, in, video)))
    losses.push_back(lost("field order (an interlaced picture is written as a progressive one)",
                          video.encoder + " in " + container));
  const bool in_pictures = tells_in_pictures(video.encoder);
  bare = f;
  bare.colour = {.range = f.colour.range, .chroma_location = f.colour.chroma_location};
  const bool known = is_always_bt601(video.encoder) && f.colour.primaries == 2 &&
                     f.colour.transfer == 2;  // a matrix that needs no tag
  if (!f.pixels.is_rgb() && has_colour_tags(f.colour, in) && !known) {
    if (in_pictures || writes(bare))
      kept.push_back({.kind = KeptProperty::Kind::colour_tags,
                      .what = colour_text(f.colour),
                      .is_checked = !in_pictures});
    else
      losses.push_back(lost(colour_text(f.colour), video.encoder + " in " + container));
  }
  bare = f;
  bare.sample_aspect = {0, 1};
  if (f.sample_aspect.num > 0 && f.sample_aspect.num != f.sample_aspect.den) {
    const std::string what =
        fmt::format("sample aspect ratio {}:{}", f.sample_aspect.num, f.sample_aspect.den);
    if (in_pictures || writes(bare))
      kept.push_back(
          {.kind = KeptProperty::Kind::sample_aspect, .what = what, .is_checked = !in_pictures});
    else
      losses.push_back(lost(what, video.encoder + " in " + container));
  }
  return losses;
}

std::vector<std::string> lost_of_photograph(const StreamInfo& picture, const OutputPlan& plan) {
  const std::vector<std::string>& tags = picture.tags_of_picture;
  if (tags.empty() || !plan.keep_metadata || writes_nothing(plan.container)) return {};
  constexpr std::size_t most_named = 6;
  const auto named = static_cast<std::ptrdiff_t>(std::min(tags.size(), most_named));
  std::string names = fmt::format("{}", fmt::join(tags.begin(), tags.begin() + named, ", "));
  if (tags.size() > most_named) names += fmt::format(" and {} more", tags.size() - most_named);
  return {
      lost("the picture's own tags (" + names + ")", plan.video.encoder + " in " + plan.container)};
}

std::vector<std::string> lost_of_samples(const Format& from, const VideoEncoding& video,
                                         bool opaque) {
  const PixelFormat a = from.pixels, b = video.format.pixels;
  const std::string why =
      fmt::format("{} takes no {}, it gets {}", video.encoder, a.name(), b.name());
  std::vector<std::string> losses;
  const auto add = [&](const std::string& what) { losses.push_back(what + ": " + why); };
  const bool coloured = a.is_rgb() || a.has_chroma();
  if (a.has_alpha() && !b.has_alpha() && !opaque) add("alpha");
  if (a.depth() > b.depth())
    add(fmt::format("{} of {} bits a sample", a.depth() - b.depth(), a.depth()));
  if (coloured && !b.is_rgb() && !b.has_chroma())
    add("colour");
  else if (coloured && (a.log2_chroma_width() < b.log2_chroma_width() ||
                        a.log2_chroma_height() < b.log2_chroma_height()))
    add("resolution of the colour");
  return losses;
}

}  // namespace quadrant
