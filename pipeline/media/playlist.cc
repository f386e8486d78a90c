// SPDX-License-Identifier: MIT
#include "pipeline/media/playlist.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "pipeline/media/av.h"
#include "pipeline/media/manifest.h"
#include "pipeline/media/url.h"

extern "C" {
#include <libavutil/avstring.h>
#include <libavutil/mem.h>
}

namespace quadrant {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest = 64 << 20;

// To libav, a line also ends at a carriage return and at a zero byte.
std::vector<std::string> lines_of(const std::string& text) {
  constexpr std::string_view ends("\n\r\0", 3);
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(ends, begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

Playlist::Member member_of(const fs::path& folder, const std::string& written) {
  const std::string path = path_of(written);
  return {written, path.empty() || is_network(written) ? "" : (folder / path).string()};
}

std::vector<std::string> names_in_script(const std::string& text) {
  std::vector<std::string> names;
  for (const std::string& line : lines_of(text)) {
    const char* at = line.c_str() + std::min(line.find_first_not_of(" \t"), line.size());
    if (std::string_view(at).substr(0, 4) != "file" ||
        !std::isspace(static_cast<unsigned char>(at[4])))
      continue;
    at += 4;
    at += std::min(std::string_view(at).find_first_not_of(" \t"), std::string_view(at).size());
    char* token = av::not_null(av_get_token(&at, " \t"));
    names.emplace_back(token);
    av_free(token);
  }
  return names;
}

// Lines that are no tags; keys, maps and variants have theirs in URI="...".
std::vector<std::string> names_in_hls(const std::string& text) {
  constexpr std::string_view attribute = "URI=\"";
  std::vector<std::string> names;
  for (const std::string& line : lines_of(text)) {
    const std::size_t begin = line.find_first_not_of(" \t"), end = line.find_last_not_of(" \t");
    if (begin != std::string::npos && line[begin] != '#')
      names.push_back(line.substr(begin, end + 1 - begin));
    for (std::size_t at = 0; (at = line.find(attribute, at)) != std::string::npos;) {
      at += attribute.size();
      names.push_back(line.substr(at, std::min(line.find('"', at), line.size()) - at));
    }
  }
  return names;
}

// A star stands for any text. Goes back to the last star only, so its time is bounded.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, from = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p, ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++from;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// All files of which each part of the path, from the folder on, is a part of some name. A
// manifest's names hang on one another in ways that libav's versions see differently.
class Possible {
 public:
  explicit Possible(const std::vector<std::string>& names) {
    for (const std::string& name : names)
      for (const fs::path& part : fs::path(path_of(name)))
        (part.string().find('*') == std::string::npos ? parts_ : patterns_).insert(part.string());
  }

  void look(const fs::path& folder, const fs::path& below, std::vector<Playlist::Member>& members,
            int depth = 0) {
    constexpr int deepest = 16;
    constexpr std::size_t most = 100'000;
    std::error_code error;
    for (fs::directory_iterator it(folder / below, error), end; !error && it != end;
         it.increment(error)) {
      const fs::path name = it->path().filename(), path = below / name;
      if (members.size() > most || !is_part(name.string())) continue;
      std::error_code ignored;
      if (!it->is_directory(ignored))
        members.push_back({path.string(), (folder / path).string()});
      else if (depth < deepest)
        look(folder, path, members, depth + 1);
    }
  }

 private:
  bool is_part(const std::string& name) const {
    return parts_.contains(name) || std::ranges::any_of(patterns_, [&](const auto& pattern) {
             return matches(pattern, name);
           });
  }
  std::set<std::string> parts_, patterns_;
};

void read_manifest(const std::string& text, const fs::path& folder, Playlist& playlist) {
  const ManifestNames found = names_in_manifest(text);
  playlist.unclear = found.unclear;
  for (const std::string& name : found.names) {
    playlist.members.push_back(member_of(folder, name));
    const fs::path path(name);
    if (std::ranges::find(path, fs::path("..")) != path.end()) playlist.unclear = name;
  }
  Possible(found.names).look(folder, "", playlist.members);
}

std::optional<Playlist::Kind> kind_of(const std::string& path, const std::string& begin) {
  if (begin.starts_with("ffconcat version")) return Playlist::Kind::script;
  if (begin.starts_with("#EXTM3U")) return Playlist::Kind::hls;
  std::string extension = fs::path(path).extension().string();
  std::string lower = begin;
  for (std::string* text : {&extension, &lower})
    std::ranges::transform(*text, text->begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == ".mpd" || lower.find("<mpd") != std::string::npos) return Playlist::Kind::dash;
  return std::nullopt;
}

}  // namespace

std::optional<Playlist> read_playlist(const std::string& path) {
  constexpr std::streamsize looked_at = 4096;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;  // a pipe would wait for its writer
  std::ifstream in(path, std::ios::binary);
  std::string text(looked_at, '\0');
  in.read(text.data(), looked_at);
  text.resize(static_cast<std::size_t>(in.gcount()));
  const std::optional<Playlist::Kind> kind = kind_of(path, text);
  if (!kind) return std::nullopt;
  Playlist playlist{.kind = *kind};
  if (fs::file_size(path, error) > largest) {
    playlist.unclear = "more than 64 MiB";
    return playlist;
  }
  text.append(std::istreambuf_iterator<char>(in), {});
  const fs::path folder = fs::path(path).parent_path();
  if (*kind == Playlist::Kind::dash) {
    read_manifest(text, folder, playlist);
    return playlist;
  }
  for (const std::string& name :
       *kind == Playlist::Kind::hls ? names_in_hls(text) : names_in_script(text))
    playlist.members.push_back(member_of(folder, name));
  return playlist;
}

}  // namespace quadrant
