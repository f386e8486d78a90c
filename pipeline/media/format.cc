// SPDX-License-Identifier: MIT
#include "pipeline/contract/format.h"

#include <fmt/format.h>

#include <bit>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

namespace quadrant {
namespace {

const AVPixFmtDescriptor& describe(int value) {
  static constexpr AVPixFmtDescriptor nothing{};
  const AVPixFmtDescriptor* found = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(value));
  return found ? *found : nothing;
}

bool is_chroma(int plane) { return plane == 1 || plane == 2; }

constexpr int hd_height = 720;

int shifted_up(int size, int shift) { return -((-size) >> shift); }  // ceil(size / 2^shift)

}  // namespace

PixelFormat PixelFormat::named(std::string_view name) {
  return PixelFormat(av_get_pix_fmt(std::string(name).c_str()));
}

std::string PixelFormat::name() const {
  const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(value_));
  return name ? name : "none";
}

int PixelFormat::planes() const {
  return av_pix_fmt_count_planes(static_cast<AVPixelFormat>(value_));
}

int PixelFormat::depth() const {
  int deepest = 0;
  for (int i = 0; i < describe(value_).nb_components; ++i)
    deepest = std::max(deepest, describe(value_).comp[i].depth);
  return deepest;
}

bool PixelFormat::is_rgb() const { return describe(value_).flags & AV_PIX_FMT_FLAG_RGB; }
bool PixelFormat::has_alpha() const { return describe(value_).flags & AV_PIX_FMT_FLAG_ALPHA; }
bool PixelFormat::has_chroma() const { return !is_rgb() && describe(value_).nb_components >= 3; }
int PixelFormat::log2_chroma_width() const { return describe(value_).log2_chroma_w; }
int PixelFormat::log2_chroma_height() const { return describe(value_).log2_chroma_h; }
int PixelFormat::log2_width(int plane) const { return is_chroma(plane) ? log2_chroma_width() : 0; }
int PixelFormat::log2_height(int plane) const {
  return is_chroma(plane) ? log2_chroma_height() : 0;
}

int PixelFormat::row_bytes(int plane, int width) const {
  return av_image_get_linesize(static_cast<AVPixelFormat>(value_), width, plane);
}

bool PixelFormat::planar() const {
  const AVPixFmtDescriptor& d = describe(value_);
  constexpr unsigned refused = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL |
                               AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL |
                               AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BAYER;
  if (d.nb_components == 0 || d.flags & refused) return false;
  if (d.nb_components == 2) return false;  // gray with alpha: packed in one plane
  const int bytes = d.comp[0].depth > 8 ? 2 : 1;
  const bool foreign_endian =
      bool(d.flags & AV_PIX_FMT_FLAG_BE) != (std::endian::native == std::endian::big);
  if (bytes == 2 && foreign_endian) return false;
  for (int i = 0; i < d.nb_components; ++i) {
    const AVComponentDescriptor& c = d.comp[i];
    if (c.plane != i || c.step != bytes || c.offset != 0 || c.shift != 0) return false;
    if (c.depth < 8 || c.depth > 16 || c.depth != d.comp[0].depth) return false;
  }
  return true;
}

std::vector<PixelFormat> PixelFormat::all_planar() {
  std::vector<PixelFormat> found;
  const AVPixFmtDescriptor* d = nullptr;
  while ((d = av_pix_fmt_desc_next(d)) != nullptr)
    if (PixelFormat format(av_pix_fmt_desc_get_id(d)); format.planar()) found.push_back(format);
  return found;
}

PixelFormat PixelFormat::nearest_planar() const {
  if (planar()) return *this;
  PixelFormat best;
  for (PixelFormat candidate : all_planar())
    best = PixelFormat(av_find_best_pix_fmt_of_2(
        static_cast<AVPixelFormat>(best.value()), static_cast<AVPixelFormat>(candidate.value()),
        static_cast<AVPixelFormat>(value_), has_alpha(), nullptr));
  return best;
}

int Format::plane_width(int plane) const { return shifted_up(width, pixels.log2_width(plane)); }
int Format::plane_height(int plane) const { return shifted_up(height, pixels.log2_height(plane)); }

bool Format::full_range() const {
  if (colour.range != AVCOL_RANGE_UNSPECIFIED) return colour.range == AVCOL_RANGE_JPEG;
  return pixels.is_rgb() || pixels.name().starts_with("yuvj");
}

bool Format::tells_matrix() const {
  return !pixels.is_rgb() && colour.matrix != AVCOL_SPC_RGB &&
         colour.matrix != AVCOL_SPC_UNSPECIFIED;
}

int Format::likely_matrix() const {
  return height >= hd_height ? AVCOL_SPC_BT709 : AVCOL_SPC_BT470BG;
}

std::int64_t Format::bytes() const {
  std::int64_t sum = 0;
  for (int p = 0; p < pixels.planes(); ++p)
    sum += std::int64_t{pixels.row_bytes(p, width)} * plane_height(p);
  return sum;
}

std::string Format::describe() const {
  std::string text = fmt::format("{} {}x{}", pixels.name(), width, height);
  if (sample_aspect.num > 0 && sample_aspect.num != sample_aspect.den)
    text += fmt::format(" aspect {}:{}", sample_aspect.num, sample_aspect.den);
  if (const char* matrix = av_color_space_name(static_cast<AVColorSpace>(colour.matrix));
      matrix && colour.matrix != AVCOL_SPC_UNSPECIFIED)
    text += fmt::format(" {}", matrix);
  if (colour.range != AVCOL_RANGE_UNSPECIFIED) text += full_range() ? " full" : " limited";
  if (interlaced()) text += " interlaced";
  if (frame_rate.num > 0) text += fmt::format(" {:.6g} fps", frame_rate.value());
  return text;
}

Format Format::as(PixelFormat other) const {
  Format f = *this;
  f.pixels = other;
  if (pixels.is_rgb() == other.is_rgb()) {
    // A format that is full-range by name (yuvj420p) gets a tag if the new name does not say so.
    if (!pixels.is_rgb() && full_range() != f.full_range() &&
        f.colour.range == AVCOL_RANGE_UNSPECIFIED)
      f.colour.range = AVCOL_RANGE_JPEG;
    return f;
  }
  f.colour.range = other.is_rgb() ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  f.colour.chroma_location = AVCHROMA_LOC_UNSPECIFIED;
  f.colour.matrix = other.is_rgb() ? static_cast<int>(AVCOL_SPC_RGB)
                    : colour.matrix == AVCOL_SPC_RGB || colour.matrix == AVCOL_SPC_UNSPECIFIED
                        ? likely_matrix()
                        : colour.matrix;
  return f;
}

bool Format::same_matrix(const Format& other) const {
  const auto coefficients = [](const Format& f) {
    const int matrix = f.tells_matrix() ? f.colour.matrix : f.likely_matrix();
    return matrix == AVCOL_SPC_SMPTE170M ? AVCOL_SPC_BT470BG : matrix;  // two names for BT.601's
  };
  const bool both = pixels.has_chroma() && other.pixels.has_chroma();
  return !both || coefficients(*this) == coefficients(other);
}

bool Format::same_picture(const Format& other) const {
  return pixels == other.pixels && width == other.width && height == other.height &&
         full_range() == other.full_range();
}

}  // namespace quadrant
