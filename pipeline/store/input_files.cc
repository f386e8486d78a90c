// SPDX-License-Identifier: MIT
#include "pipeline/store/input_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "pipeline/media/playlist.h"

namespace quadrant {
namespace {

class Files {
 public:
  void add(const std::string& name) {
    if (const auto id = file_id(name)) found_.push_back(*id);
  }
  void add_pieces(const std::string& text, const char* separators) {
    for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
      end = text.find_first_of(separators, begin);
      if (end != begin) add(text.substr(begin, end == std::string::npos ? end : end - begin));
    }
  }
  // With those of the playlists in it: HLS has one for each quality.
  void add_playlist(const std::string& path, int depth = 0) {
    constexpr int deepest = 3;
    const std::optional<Playlist> playlist = read_playlist(path);
    if (!playlist) return;
    for (const Playlist::Member& member : playlist->members) {
      if (member.path.empty() || !seen_.insert(member.path).second) continue;
      add(member.path);
      if (depth < deepest) add_playlist(member.path, depth + 1);
    }
  }
  void add_standard_input() {
    struct stat about {};
    if (fstat(STDIN_FILENO, &about) == 0 && S_ISREG(about.st_mode))
      found_.emplace_back(about.st_dev, about.st_ino);
  }
  std::vector<FileId> take() { return std::move(found_); }

 private:
  std::vector<FileId> found_;
  std::set<std::string> seen_;  // in playlists
};

}  // namespace

static void add_files_behind(const std::string& input, Files& files) {
  if (input == "-") return files.add_standard_input();
  const std::vector<std::string> named = files_of(input);
  for (const std::string& file : named) files.add(file);
  if (named.size() == 1) files.add_playlist(named.front());
  if (!named.empty()) return;
  files.add_pieces(input, "|,:='");
  if (const auto colon = input.rfind(':'); colon != std::string::npos) {
    files.add(input.substr(colon + 1));
    files.add_playlist(input.substr(colon + 1));
  }
}

static void add_files_behind(const InputSpec& input, Files& files) {
  for (const InputSpec& part : input.taken.joined) add_files_behind(part, files);
  if (!input.taken.joined.empty()) return;
  if (!input.taken.is_sequence) return add_files_behind(input.name, files);
  for (const std::string& picture : files_of(input)) files.add(picture);
}

std::vector<FileId> files_behind(const InputSpec& input) {
  Files files;
  add_files_behind(input, files);
  return files.take();
}

}  // namespace quadrant
