// SPDX-License-Identifier: MIT
#include "tests/pictures.h"

#include <cstring>
#include <functional>
#include <random>

#include "pipeline/media/av.h"

namespace quadrant::test {
namespace {

void put(std::uint8_t* row, int x, int bytes, int value) {
  if (bytes == 1)
    row[x] = static_cast<std::uint8_t>(value);
  else
    reinterpret_cast<std::uint16_t*>(row)[x] = static_cast<std::uint16_t>(value);
}

}  // namespace

Format format(std::string_view pixels, int width, int height) {
  Format f;
  f.pixels = PixelFormat::named(pixels);
  f.width = width;
  f.height = height;
  f.sample_aspect = {1, 1};
  f.time_base = {1, 25};
  f.frame_rate = {25, 1};
  return f;
}

Frame painted(const Format& f, std::int64_t pts, const Paint& paint) {
  av::FramePtr av = av::make_frame();
  av->format = f.pixels.value();
  av->width = f.width;
  av->height = f.height;
  av::check(av_frame_get_buffer(av.get(), 0), "test picture");
  av->pts = pts;
  av->sample_aspect_ratio = av::to_av(f.sample_aspect);
  av->color_range = static_cast<AVColorRange>(f.colour.range);
  av->color_primaries = static_cast<AVColorPrimaries>(f.colour.primaries);
  av->color_trc = static_cast<AVColorTransferCharacteristic>(f.colour.transfer);
  av->colorspace = static_cast<AVColorSpace>(f.colour.matrix);
  av->chroma_location = static_cast<AVChromaLocation>(f.colour.chroma_location);
  const int bytes = f.pixels.planar() ? f.pixels.bytes_per_sample() : 1;
  for (int p = 0; p < f.pixels.planes(); ++p)
    for (int y = 0; y < f.plane_height(p); ++y)
      for (int x = 0; x < f.pixels.row_bytes(p, f.width) / bytes; ++x)
        put(av->data[p] + y * av->linesize[p], x, bytes, paint(p, x, y));
  return Frame(std::move(av), f.time_base, f.frame_rate);
}

Frame picture(const Format& f, unsigned seed, std::int64_t pts) {
  std::minstd_rand random(seed + 1);
  const unsigned values = f.pixels.planar() ? 1u << f.pixels.depth() : 256;
  return painted(f, pts, [&](int plane, int x, int y) {
    const auto ramp = static_cast<unsigned>(x * 5 + y * 3 + plane * 40) * (values / 256);
    // Now and then anything at all, so that both ends of the scale are met.
    const unsigned noise = random() % 16 == 0 ? random() : random() % (values / 8);
    return static_cast<int>((ramp + noise) % values);
  });
}

Frame flat_picture(const Format& f, int luma, int chroma) {
  return painted(f, 0, [&](int plane, int, int) { return plane % 3 == 0 ? luma : chroma; });
}

Bytes plane_bytes(const Frame& frame, int plane) {
  const Format& f = frame.format();
  const auto length = static_cast<std::size_t>(f.pixels.row_bytes(plane, f.width));
  Bytes bytes(length * static_cast<std::size_t>(f.plane_height(plane)));
  const Plane memory = frame.plane(plane);
  for (int y = 0; y < f.plane_height(plane); ++y)
    std::memcpy(bytes.data() + length * static_cast<std::size_t>(y),
                memory.data + y * memory.stride, length);
  return bytes;
}

Bytes all_bytes(const Frame& frame) {
  Bytes all;
  for (int p = 0; p < frame.format().pixels.planes(); ++p) {
    const Bytes one = plane_bytes(frame, p);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

bool same(const Frame& a, const Frame& b) { return all_bytes(a) == all_bytes(b); }

int sample(const Frame& frame, int plane, int x, int y) {
  const Plane memory = frame.plane(plane);
  const std::uint8_t* row = memory.data + y * memory.stride;
  return frame.format().pixels.bytes_per_sample() == 1
             ? row[x]
             : reinterpret_cast<const std::uint16_t*>(row)[x];
}

}  // namespace quadrant::test
