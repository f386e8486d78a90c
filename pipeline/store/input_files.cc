// SPDX-License-Identifier: MIT
#include "pipeline/store/input_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

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
  // Names in it are relative to its directory.
  void add_playlist(const std::string& path) {
    constexpr int most_lines = 10'000;
    constexpr std::uintmax_t most_bytes = 4 << 20;  // films are larger, and are not opened for this
    std::error_code error;
    if (!fs::is_regular_file(path, error)) return;  // opening a pipe would wait for its writer
    if (fs::file_size(path, error) > most_bytes) return;
    std::ifstream in(path);
    std::string line;
    if (!std::getline(in, line) || (!line.starts_with("ffconcat") && !line.starts_with("#EXTM3U")))
      return;
    for (int i = 0; i < most_lines && std::getline(in, line); ++i) {
      const std::size_t begin = line.find_first_not_of(" '\"", line.starts_with("file ") ? 4 : 0);
      const std::size_t end = line.find_last_not_of(" '\"\r");
      if (begin != std::string::npos && end >= begin)
        add((fs::path(path).parent_path() / line.substr(begin, end + 1 - begin)).string());
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
};

}  // namespace

std::vector<FileId> files_behind(const std::string& input) {
  Files files;
  if (input == "-") {
    files.add_standard_input();
    return files.take();
  }
  const std::vector<std::string> named = files_of(input);
  for (const std::string& file : named) files.add(file);
  if (named.size() == 1) files.add_playlist(named.front());
  if (!named.empty()) return files.take();
  files.add_pieces(input, "|,:='");
  if (const auto colon = input.rfind(':'); colon != std::string::npos) {
    files.add(input.substr(colon + 1));
    files.add_playlist(input.substr(colon + 1));
  }
  return files.take();
}

}  // namespace quadrant
