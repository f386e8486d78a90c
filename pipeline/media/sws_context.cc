// SPDX-License-Identifier: MIT
// By default libswscale assumes BT.601 and centred chroma for every picture, and complains about
// yuvj; each of these silently shifts colours a little. So matrix, range and chroma location are
// always set, for both sides.
#include "pipeline/media/sws_context.h"

#include <string>

extern "C" {
#include <libavutil/opt.h>
}

#include "pipeline/media/av.h"

namespace quadrant {

PixelFormat plain_pixels(PixelFormat pixels) {
  std::string name = pixels.name();
  if (name.starts_with("yuvj")) name.erase(3, 1);
  return PixelFormat::named(name);
}

int matrix_of(const Format& side, const Format& other) {
  if (side.tells_matrix()) return side.colour.matrix;
  if (other.tells_matrix()) return other.colour.matrix;
  return (side.pixels.is_rgb() ? other : side).likely_matrix();
}

ChromaPosition chroma_position(const Format& f) {
  switch (f.colour.chroma_location) {
    case AVCHROMA_LOC_LEFT: return {0, 128};
    case AVCHROMA_LOC_CENTER: return {128, 128};
    case AVCHROMA_LOC_TOPLEFT: return {0, 0};
    case AVCHROMA_LOC_TOP: return {128, 0};
    case AVCHROMA_LOC_BOTTOMLEFT: return {0, 256};
    case AVCHROMA_LOC_BOTTOM: return {128, 256};
    // Unspecified: left for MPEG-2 and later codecs, centred for JPEG and its video relatives.
    default: return f.full_range() ? ChromaPosition{128, 128} : ChromaPosition{0, 128};
  }
}

namespace {

void set(SwsContext* context, const char* name, std::int64_t value) {
  av::check(av_opt_set_int(context, name, value, 0), name);
}

// libswscale reads these only if the chroma is subsampled by 2; -513 is "centred, any ratio".
void set_chroma_position(SwsContext* context, const Format& f, const char* x, const char* y) {
  const ChromaPosition at = chroma_position(f);
  if (f.pixels.log2_chroma_width() == 1) set(context, x, at.x);
  if (f.pixels.log2_chroma_height() == 1) set(context, y, at.y);
}

int method_flag(ScaleMethod method) {
  switch (method) {
    case ScaleMethod::area: return SWS_AREA;
    case ScaleMethod::lanczos: return SWS_LANCZOS;
    case ScaleMethod::bicubic: break;
  }
  return SWS_BICUBIC;
}

int flags_for(const Format& in, const Format& out, ScaleMethod method) {
  int flags = method_flag(method) | SWS_ACCURATE_RND | SWS_BITEXACT;
  if (out.pixels.is_rgb() && out.pixels.depth() >= 8) flags |= SWS_FULL_CHR_H_INT;
  if (in.pixels.is_rgb()) flags |= SWS_FULL_CHR_H_INP;
  return flags;
}

void set_pictures(SwsContext* context, const Format& in, const Format& out) {
  set(context, "srcw", in.width);
  set(context, "srch", in.height);
  set(context, "src_format", plain_pixels(in.pixels).value());
  set(context, "src_range", in.full_range());
  set(context, "dstw", out.width);
  set(context, "dsth", out.height);
  set(context, "dst_format", plain_pixels(out.pixels).value());
  set(context, "dst_range", out.full_range());
  set_chroma_position(context, in, "src_h_chr_pos", "src_v_chr_pos");
  set_chroma_position(context, out, "dst_h_chr_pos", "dst_v_chr_pos");
}

}  // namespace

SwsContextPtr make_sws_context(const Format& in, const Format& out, ScaleMethod method) {
  SwsContextPtr context(av::not_null(sws_alloc_context()));
  set_pictures(context.get(), in, out);
  set(context.get(), "sws_flags", flags_for(in, out, method));
  av::check(sws_init_context(context.get(), nullptr, nullptr),
            fmt::format("conversion from {} to {}", in.describe(), out.describe()));
  // Refused (-1) if neither side has a matrix, as between two RGB formats: nothing to set then.
  constexpr int no_brightness = 0, same = 1 << 16;
  sws_setColorspaceDetails(context.get(), sws_getCoefficients(matrix_of(in, out)), in.full_range(),
                           sws_getCoefficients(matrix_of(out, in)), out.full_range(), no_brightness,
                           same, same);
  return context;
}

}  // namespace quadrant
