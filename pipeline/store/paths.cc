// SPDX-License-Identifier: MIT
#include "pipeline/store/paths.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <iterator>
#include <random>

#include "pipeline/media/picture_list.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/versions.h"

namespace quadrant {
namespace {

constexpr std::size_t longest_name = 255;  // NAME_MAX of Linux
constexpr std::string_view part_ending = ".part", segments_ending = ".segments";
constexpr std::size_t longest_ending = segments_ending.size();

std::string beside(const std::string& path, std::string_view ending) {
  const fs::path p(path);
  const std::string name = "." + beside_name(p.filename().string()) + std::string(ending);
  return (p.parent_path() / name).string();
}

std::string name_in(const std::string& file, std::string_view ending) {
  const bool named =
      file.starts_with('.') && file.ends_with(ending) && file.size() > ending.size() + 1;
  return named ? file.substr(1, file.size() - ending.size() - 1) : "";
}

}  // namespace

bool is_there(const fs::path& path) noexcept {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_directory(const fs::path& path) noexcept {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

std::vector<fs::path> entries_of(const fs::path& directory, std::error_code& error) {
  std::vector<fs::path> found;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    found.push_back(it->path());
  return found;
}

std::vector<fs::path> entries_of(const fs::path& directory) {
  std::error_code ignored;
  return entries_of(directory, ignored);
}

std::string absolute_name(const std::string& path) {
  std::error_code ignored;
  return fs::absolute(path, ignored).lexically_normal().string();
}

fs::path canonical_path(const fs::path& path) {
  std::error_code ignored;
  return fs::weakly_canonical(fs::absolute(path, ignored), ignored);
}

std::optional<FileId> file_id(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return std::nullopt;
  return FileId{about.st_dev, about.st_ino};
}

bool can_be_read_again(const std::string& input) {
  struct stat about {};
  if (input == "-") return false;
  return stat(input.c_str(), &about) != 0 || S_ISREG(about.st_mode);
}

std::vector<std::string> files_of(const std::string& path) {
  const fs::path p(path);
  std::vector<std::string> found;
  const std::optional<Sequence> sequence = sequence_of(p.filename().string());
  if (!sequence || is_there(p)) {
    if (is_there(p)) found.push_back(path);
    return found;
  }
  for (const fs::path& entry : entries_of(directory_of(p)))
    if (sequence->names(entry.filename().string()))
      found.push_back((p.parent_path() / entry.filename()).string());
  std::ranges::sort(found);
  return found;
}

std::vector<std::string> files_of(const InputSpec& input) {
  std::vector<std::string> found;
  for (const InputSpec& part : input.taken.joined)
    std::ranges::copy(files_of(part), std::back_inserter(found));
  if (!found.empty() || !input.taken.joined.empty()) return found;
  return input.taken.is_sequence ? picture_files(input.name) : files_of(input.name);
}

// Different names stay different: a hash replaces what is cut off.
std::string beside_name(const std::string& name) {
  constexpr std::size_t digits = 16;
  if (name.size() + 1 + longest_ending <= longest_name) return name;
  const std::size_t kept = longest_name - 1 - longest_ending - 1 - digits;
  return name.substr(0, kept) + "~" + md5_hex(name).substr(0, digits);
}

std::string part_name(const std::string& path) { return beside(path, part_ending); }
std::string segments_name(const std::string& path) { return beside(path, segments_ending); }

std::string name_of_part(const std::string& file) { return name_in(file, part_ending); }
std::string name_of_segments(const std::string& file) { return name_in(file, segments_ending); }

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string name_of_this_process() {
  static const std::string name = [] {
    std::string word = host_name();
    for (char& c : word)
      if (!std::isalnum(static_cast<unsigned char>(c))) c = '-';
    return fmt::format("{}-{}-{:08x}", word.substr(0, 64), getpid(), std::random_device()());
  }();
  return name;
}

std::string escaped(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e || c == '%' || c == '"' || c == '\\')
      text += fmt::format("%{:02X}", byte);
    else
      text += c;
  }
  return text;
}

std::string unescaped(const std::string& text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int byte = 0;
    const char* const digits = text.data() + i + 1;
    const bool is_byte = text[i] == '%' && i + 2 < text.size() &&
                         std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    name += is_byte ? static_cast<char>(byte) : text[i];
    if (is_byte) i += 2;
  }
  return name;
}

}  // namespace quadrant
