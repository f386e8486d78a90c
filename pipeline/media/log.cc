// SPDX-License-Identifier: MIT
#include "pipeline/media/log.h"

#include <array>
#include <cstdarg>
#include <cstdlib>
#include <utility>

extern "C" {
#include <libavutil/log.h>
}

namespace quadrant {
namespace {

thread_local std::string last_error, last_warning;
thread_local Diagnostics all_diagnostics, demuxer_diagnostics;

bool is_demuxer(void* object) {
  const AVClass* about = object ? *static_cast<AVClass**>(object) : nullptr;
  return about && about->get_category && about->get_category(object) == AV_CLASS_CATEGORY_DEMUXER;
}

void keep(void* object, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_WARNING) return;
  std::array<char, 1024> line{};
  int print_prefix = 1;
  av_log_format_line2(object, level, format, arguments, line.data(), line.size(), &print_prefix);
  std::string text(line.data());
  // "[libx264 @ 0x55d0c0] broken" -> "libx264: broken": the address means nothing to a user.
  if (const auto at = text.find(" @ 0x"); text.starts_with('[') && at != std::string::npos)
    if (const auto close = text.find("] ", at); close != std::string::npos)
      text = (at == 5 && text.starts_with("[NULL") ? "" : text.substr(1, at - 1) + ": ") +
             text.substr(close + 2);
  while (!text.empty() && (text.back() == '\n' || text.back() == '.' || text.back() == ' '))
    text.pop_back();
  if (text.empty()) return;
  if (level > AV_LOG_ERROR) {
    last_warning = std::move(text);
    return;
  }
  all_diagnostics.add({1, text});
  if (is_demuxer(object)) demuxer_diagnostics.add({1, text});
  // FFmpeg 8 always ends with this line, whatever error the filter reported.
  if (!last_error.empty() && text.ends_with("Error creating filters")) return;
  last_error = std::move(text);
}

}  // namespace

void keep_libav_log() {
  setenv("SVT_LOG", "1", 0);  // the only way to configure SVT-AV1's log: errors only
  av_log_set_level(AV_LOG_ERROR);
  av_log_set_callback(keep);
}

std::string take_libav_error() { return std::exchange(last_error, {}); }
std::string take_libav_warning() { return std::exchange(last_warning, {}); }

Diagnostics take_diagnostics() {
  demuxer_diagnostics = {};
  return std::exchange(all_diagnostics, {});
}

Diagnostics take_demuxer_diagnostics() {
  all_diagnostics = {};
  return std::exchange(demuxer_diagnostics, {});
}

}  // namespace quadrant
