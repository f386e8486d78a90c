// SPDX-License-Identifier: MIT
#include "pipeline/media/area.h"

#include <algorithm>
#include <array>
#include <cstring>

extern "C" {
#include <libavutil/imgutils.h>
}

#include "pipeline/media/av.h"

namespace quadrant {
namespace {

constexpr int samples_a_byte = 8;  // at most: one bit each

}  // namespace

int column_grid(const PixelFormat& pixels) {
  return pixels.row_bytes(0, samples_a_byte) < samples_a_byte ? samples_a_byte
                                                              : 1 << pixels.log2_chroma_width();
}

int row_grid(const PixelFormat& pixels) { return 1 << pixels.log2_chroma_height(); }

void copy_area(const Frame& from, const Area& area, const Frame& to, int x, int y) {
  const PixelFormat pixels = from.format().pixels;
  Format copied = from.format();
  copied.height = area.height;
  for (int p = 0; p < pixels.planes(); ++p) {
    const Plane source = from.plane(p), target = to.plane(p);
    const auto bytes = static_cast<std::size_t>(pixels.row_bytes(p, area.width));
    for (int row = 0; row < copied.plane_height(p); ++row)
      std::memcpy(target.data + ((y >> pixels.log2_height(p)) + row) * target.stride +
                      pixels.row_bytes(p, x),
                  source.data + ((area.y >> pixels.log2_height(p)) + row) * source.stride +
                      pixels.row_bytes(p, area.x),
                  bytes);
  }
}

void blacken(const Frame& frame) {
  const Format& f = frame.format();
  std::array<ptrdiff_t, 4> strides{};
  for (int p = 0; p < f.pixels.planes(); ++p)
    strides[static_cast<std::size_t>(p)] = frame.plane(p).stride;
  av::check(av_image_fill_black(
                frame.av()->data, strides.data(), static_cast<AVPixelFormat>(f.pixels.value()),
                f.full_range() ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG, f.width, f.height),
            "no black in " + f.pixels.name());
}

bool is_laid_out_for_simd(const Frame& frame) {
  constexpr std::uintptr_t alignment = 32;  // as av_frame_apply_cropping() keeps it by default
  for (int p = 0; p < frame.format().pixels.planes(); ++p) {
    const Plane plane = frame.plane(p);
    if (plane.stride < 0 || reinterpret_cast<std::uintptr_t>(plane.data) % alignment != 0)
      return false;
  }
  return true;
}

}  // namespace quadrant
