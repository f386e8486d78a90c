// SPDX-License-Identifier: MIT
#include "pipeline/media/versions.h"

#include <array>
#include <opencv2/core/version.hpp>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/md5.h>
#include <libswscale/swscale.h>
}

#include <fmt/format.h>

namespace quadrant {

std::string quadrant_version() { return QUADRANT_VERSION; }

std::string library_versions() {
  const auto text = [](unsigned v) {
    return fmt::format("{}.{}.{}", v >> 16, v >> 8 & 255, v & 255);
  };
  return fmt::format(
      "quadrant {} libavformat {} libavcodec {} libavfilter {} libswscale {} OpenCV {}",
      QUADRANT_VERSION, text(avformat_version()), text(avcodec_version()), text(avfilter_version()),
      text(swscale_version()), CV_VERSION);
}

std::string md5_hex(const std::string& text) {
  std::array<std::uint8_t, 16> hash{};
  av_md5_sum(hash.data(), reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  std::string hex;
  for (std::uint8_t byte : hash) hex += fmt::format("{:02x}", byte);
  return hex;
}

}  // namespace quadrant
