// SPDX-License-Identifier: MIT
#include "pipeline/media/frame_hash.h"

#include <array>
#include <cstring>

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <libavutil/murmur3.h>
}

#include "pipeline/contract/frame.h"
#include "pipeline/media/av.h"

namespace quadrant {
namespace {

// The picture as in rawvideo: rows without padding, plane after plane.
std::vector<std::uint8_t> packed(const AVFrame& frame) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  const int size =
      av::check(av_image_get_buffer_size(format, frame.width, frame.height, 1), "frame hash");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  av::check(av_image_copy_to_buffer(bytes.data(), size, frame.data, frame.linesize, format,
                                    frame.width, frame.height, 1),
            "frame hash");
  return bytes;
}

}  // namespace

QuickHash::QuickHash() : state_(av::not_null(av_murmur3_alloc())) { av_murmur3_init(state_); }
QuickHash::~QuickHash() { av_free(state_); }

void QuickHash::add(const std::uint8_t* bytes, std::size_t size) {
  av_murmur3_update(state_, bytes, size);
}

std::uint64_t QuickHash::value() {
  std::array<std::uint8_t, 16> all{};
  av_murmur3_final(state_, all.data());
  std::uint64_t half = 0;
  std::memcpy(&half, all.data(), sizeof half);
  return half;
}

void FrameHashes::begin(const Format& format, Rational time_base) {
  const Rational sar = format.sample_aspect;
  text_ = fmt::format(
      "#format: frame checksums\n#version: 2\n#hash: MD5\n#software: quadrant\n#tb 0: "
      "{}/{}\n#media_type 0: video\n"
      "#codec_id 0: rawvideo\n#dimensions 0: {}x{}\n#sar 0: {}/{}\n"
      "#stream#, dts,        pts, duration,     size, hash\n",
      time_base.num, time_base.den, format.width, format.height, sar.num, sar.den);
}

void FrameHashes::add(const Frame& frame) {
  const std::vector<std::uint8_t> bytes = packed(*frame.av());
  std::array<std::uint8_t, 16> hash{};
  av_md5_sum(hash.data(), bytes.data(), bytes.size());
  text_ += fmt::format("0, {:>10}, {:>10}, {:>8}, {:>8}, ", frame.pts(), frame.pts(),
                       frame.duration(), bytes.size());
  for (std::uint8_t byte : hash) text_ += fmt::format("{:02x}", byte);
  text_ += '\n';
}

}  // namespace quadrant
