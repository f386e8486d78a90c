// SPDX-License-Identifier: MIT
#include "pipeline/media/filter_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "pipeline/media/av.h"

extern "C" {
#include <libavutil/avstring.h>
#include <libavutil/mem.h>
}

namespace quadrant {
namespace {

constexpr std::array<std::string_view, 5> writers = {"deshake", "metadata", "signature",
                                                     "vidstabdetect", "vmafmotion"};

// The pieces of `text` between any of `separators`, with one level of libav's quotes and escapes
// removed, as in libavfilter: first for the filters of a chain, then for their options.
std::vector<std::string> tokens(const std::string& text, const char* separators) {
  std::vector<std::string> all;
  for (const char* at = text.c_str(); *at != '\0'; at += *at != '\0') {
    char* token = av::not_null(av_get_token(&at, separators));
    all.emplace_back(token);
    av_free(token);
  }
  return all;
}

// A value may be alone (lut3d=a.cube) or follow a name, and "=" may be part of a file name.
void add_file(const std::string& option, std::vector<std::string>& files) {
  std::error_code ignored;
  for (const std::string& path : {option, option.substr(option.find('=') + 1)})
    if (std::filesystem::is_regular_file(path, ignored) && !std::ranges::count(files, path))
      files.push_back(path);
}

}  // namespace

std::vector<std::string> files_named_in(const std::string& chain) {
  std::vector<std::string> files;
  for (const std::string& filter : tokens(chain, "[],;")) {
    const std::size_t equals = filter.find('=');
    const std::string_view name = std::string_view(filter).substr(0, filter.find_first_of("=@"));
    if (equals == std::string::npos || std::ranges::count(writers, name)) continue;
    for (const std::string& option : tokens(filter.substr(equals + 1), ":"))
      add_file(option, files);
  }
  return files;
}

}  // namespace quadrant
