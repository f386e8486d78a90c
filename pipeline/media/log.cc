// SPDX-License-Identifier: MIT
#include "pipeline/media/log.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdlib>
#include <string_view>
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

// "[libx264 @ 0x55d0c0] broken" -> "libx264: broken": the address means nothing to a user.
std::string without_address(std::string text) {
  if (const auto at = text.find(" @ 0x"); text.starts_with('[') && at != std::string::npos)
    if (const auto close = text.find("] ", at); close != std::string::npos)
      text = (at == 5 && text.starts_with("[NULL") ? "" : text.substr(1, at - 1) + ": ") +
             text.substr(close + 2);
  while (!text.empty() && (text.back() == '\n' || text.back() == '.' || text.back() == ' '))
    text.pop_back();
  return text;
}

// What libavfilter says after a filter told what is wrong: that it is the filter's fault.
bool only_follows(const std::string& text) {
  constexpr std::array<std::string_view, 5> ends = {
      "Error creating filters", "Error initializing filter", "Error applying option",
      "Failed to configure input pad", "Error parsing filterchain"};
  return std::ranges::any_of(
      ends, [&](std::string_view end) { return text.find(end) != std::string::npos; });
}

void keep_line(bool of_demuxer, int level, std::string text) {
  text = without_address(std::move(text));
  if (text.empty()) return;
  if (level > AV_LOG_ERROR) {
    last_warning = std::move(text);
    return;
  }
  all_diagnostics.add({1, text});
  if (of_demuxer) demuxer_diagnostics.add({1, text});
  if (!last_error.empty() && only_follows(text)) return;
  last_error = std::move(text);
}

// A line may come in several calls; only the last of them ends it.
struct Pending {
  const void* object = nullptr;  // only to compare: it may be gone by now
  bool of_demuxer = false;
  int level = 0, at_beginning = 1;
  std::string text;
};
thread_local Pending pending;

void keep_pending() {
  keep_line(pending.of_demuxer, pending.level, std::exchange(pending.text, {}));
  pending.at_beginning = 1;
}

void keep(void* object, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_WARNING) return;
  if (!pending.text.empty() && (pending.object != object || pending.level != level)) keep_pending();
  std::array<char, 1024> part{};
  av_log_format_line2(object, level, format, arguments, part.data(), part.size(),
                      &pending.at_beginning);
  pending.object = object;
  pending.of_demuxer = is_demuxer(object);
  pending.level = level;
  pending.text += part.data();
  if (pending.text.ends_with('\n') || pending.text.size() > part.size()) keep_pending();
}

}  // namespace

void keep_libav_log() {
  setenv("SVT_LOG", "1", 0);  // the only way to configure SVT-AV1's log: errors only
  av_log_set_level(AV_LOG_ERROR);
  av_log_set_callback(keep);
}

std::string take_libav_error() {
  keep_pending();
  return std::exchange(last_error, {});
}

std::string take_libav_warning() {
  keep_pending();
  return std::exchange(last_warning, {});
}

Diagnostics take_diagnostics() {
  keep_pending();
  demuxer_diagnostics = {};
  return std::exchange(all_diagnostics, {});
}

Diagnostics take_demuxer_diagnostics() {
  keep_pending();
  all_diagnostics = {};
  return std::exchange(demuxer_diagnostics, {});
}

}  // namespace quadrant
