// SPDX-License-Identifier: MIT
#include "pipeline/media/url.h"

#include <algorithm>
#include <array>
#include <cctype>

extern "C" {
#include <libavformat/avio.h>
}

namespace quadrant {

std::string scheme_of(const std::string& url) {
  const std::size_t end =
      std::ranges::find_if_not(
          url,
          [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-' || c == '.'; }) -
      url.begin();
  if (url.starts_with("subfile,")) return "subfile";
  if (end == 0 || end == url.size() || url[end] != ':') return "";
  // crypto+file:, cache:, and hls+http: are names of the first one
  return url.substr(0, std::min(url.find('+'), end));
}

bool is_local(std::string_view scheme) {
  constexpr std::array<std::string_view, 15> local = {
      "file", "crypto", "concat", "concatf", "subfile", "cache", "async",          "data",
      "pipe", "fd",     "md5",    "unix",    "bluray",  "lavfi", "android_content"};
  return std::ranges::count(local, scheme) > 0;
}

bool is_network(const std::string& url) {
  const std::string scheme = scheme_of(url);
  if (scheme.empty() || is_local(scheme)) return false;
  void* state = nullptr;
  while (const char* protocol = avio_enum_protocols(&state, 0))
    if (scheme == protocol) return true;
  return url.find("://") != std::string::npos || scheme == "rtsp" || scheme == "rtsps";
}

std::string path_of(std::string url) {
  for (const std::string_view prefix : {"crypto+", "crypto:", "file:"})
    if (url.starts_with(prefix)) url.erase(0, prefix.size());
  const std::string scheme = scheme_of(url);
  return scheme.empty() || !(is_local(scheme) || is_network(url)) ? url : "";
}

}  // namespace quadrant
