// SPDX-License-Identifier: MIT
#include "pipeline/media/picture_list.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "pipeline/counted.h"
#include "pipeline/error.h"
#include "pipeline/media/exif.h"
#include "pipeline/media/glob.h"
#include "pipeline/media/sequence.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t most_pictures = 1'000'000;

// Files whose names differ in one number only, and in their extensions, by that number.
struct Numbered {
  std::map<std::int64_t, std::string> files;
  std::string before, after;  // the number in the names
  std::string extension;      // of the first name
  int width = 0;              // digits of the first number, where it begins with zeros

  std::string name(std::int64_t number) const {
    return fmt::format("{}{:0{}}{}{}", before, number, width, after, extension);
  }
  std::int64_t holes() const {
    return files.rbegin()->first - files.begin()->first + 1 - std::ssize(files);
  }
};

struct SplitName {
  std::string before, digits, after;
};

// By the last number of its name, without the extension: mp4 is none.
std::optional<SplitName> split(const std::string& path) {
  const std::string file = fs::path(path).filename().string();
  const std::size_t extension = std::min(file.rfind('.'), file.size());
  const std::size_t last =
      extension == 0 ? std::string::npos : file.find_last_of("0123456789", extension - 1);
  if (last == std::string::npos) return std::nullopt;
  const std::size_t other = file.find_last_not_of("0123456789", last);
  const std::size_t first = other == std::string::npos ? 0 : other + 1;
  const std::string folder = path.substr(0, path.size() - file.size());
  return SplitName{folder + file.substr(0, first), file.substr(first, last + 1 - first),
                   file.substr(last + 1, extension - last - 1)};
}

std::optional<Numbered> numbered(const std::vector<std::string>& files) {
  Numbered all;
  for (const std::string& file : files) {
    const std::optional<SplitName> name = split(file);
    std::int64_t number = 0;
    if (!name ||
        std::from_chars(name->digits.data(), name->digits.data() + name->digits.size(), number)
                .ec != std::errc())
      return std::nullopt;
    if (all.files.empty()) {
      all.before = name->before;
      all.after = name->after;
      all.extension = fs::path(file).extension().string();
      if (name->digits[0] == '0') all.width = static_cast<int>(name->digits.size());
    }
    if (name->before != all.before || name->after != all.after ||
        !all.files.emplace(number, file).second)
      return std::nullopt;
  }
  return all;
}

bool is_pattern(const std::string& name) {
  std::error_code ignored;
  return is_sequence(name) && !fs::exists(name, ignored);
}

[[noreturn]] void fail_for_hole(const InputSpec& input, const Numbered& all) {
  std::int64_t number = all.files.begin()->first;
  while (all.files.contains(number)) ++number;
  const std::string missing = fs::path(all.name(number)).filename().string();
  fail(Fault::input,
       "{}: picture {} is missing, and the sequence continues to {}; missing: skip or repeat in a "
       "map of the input goes on without it",
       input.name, missing, fs::path(all.files.rbegin()->second).filename().string());
}

void repeat_before_holes(const InputSpec& input, const Numbered& all, PictureList& list) {
  if (all.holes() + std::ssize(all.files) > most_pictures)
    fail(Fault::input, "{}: the numbers have holes of {} pictures, too many to repeat", input.name,
         all.holes());
  list.files.clear();
  std::int64_t next = all.files.begin()->first;
  for (const auto& [number, file] : all.files) {
    for (; next < number; ++next) list.files.push_back(list.files.back());
    list.files.push_back(file);
    ++next;
  }
}

// More holes than pictures: the numbers count something else, as the time does in 20240531_180211.
bool counts_pictures(const Numbered& all) { return all.holes() <= std::ssize(all.files); }

void mind_holes(const InputSpec& input, PictureList& list) {
  const std::optional<Numbered> all = numbered(list.files);
  if (!all || all->holes() == 0) return;
  const MissingPictures rule = input.taken.missing;
  const bool is_strict = is_pattern(input.name) || counts_pictures(*all);
  if (rule == MissingPictures::fail && is_strict) fail_for_hole(input, *all);
  if (rule == MissingPictures::fail) {
    list.notes.push_back("the numbers in the names count no pictures: they are only the order");
    return;
  }
  if (rule == MissingPictures::repeat) repeat_before_holes(input, *all, list);
  list.notes.push_back(fmt::format(
      "{} of the numbers {} to {} {} missing: {}", counted(all->holes(), "picture"),
      all->files.begin()->first, all->files.rbegin()->first, all->holes() == 1 ? "is" : "are",
      rule == MissingPictures::skip ? "skipped" : "the picture before is repeated in their place"));
}

std::optional<std::string> time_of_photograph(const std::string& file) {
  constexpr std::streamsize looked_at = 256 << 10;
  std::ifstream in(file, std::ios::binary);
  std::string bytes(static_cast<std::size_t>(looked_at), '\0');
  in.read(bytes.data(), looked_at);
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return time_taken(bytes);
}

// In the words of EXIF, which knows no time zone; a file's time is that of Greenwich, so that the
// order is the same everywhere.
std::string time_of_file(const std::string& file) {
  struct stat about {};
  if (stat(file.c_str(), &about) != 0) return "";
  std::tm time{};
  gmtime_r(&about.st_mtim.tv_sec, &time);
  return fmt::format("{:04}:{:02}:{:02} {:02}:{:02}:{:02}.{:09}", time.tm_year + 1900,
                     time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec,
                     about.st_mtim.tv_nsec);
}

void sort_by_time(PictureList& list) {
  std::map<std::string, std::string> times;
  std::int64_t without = 0;
  for (const std::string& file : list.files) {
    std::optional<std::string> time = time_of_photograph(file);
    if (!time) ++without;
    times[file] = time ? *time : time_of_file(file);
  }
  std::ranges::stable_sort(list.files,
                           [&](const auto& a, const auto& b) { return times.at(a) < times.at(b); });
  if (without > 0)
    list.notes.push_back(fmt::format("{} of {} {} not when it was taken: the file's time counts",
                                     without, counted(std::ssize(list.files), "picture"),
                                     without == 1 ? "tells" : "tell"));
}

std::vector<std::string> files_of_pattern(const std::string& name) {
  std::vector<std::string> files;
  const fs::path path(name);
  const std::optional<Sequence> sequence = sequence_of(path.filename().string());
  for (const int number : picture_numbers(name))
    files.push_back((path.parent_path() / sequence->picture(number)).string());
  std::error_code ignored;
  std::erase_if(files, [&](const auto& file) { return !fs::is_regular_file(file, ignored); });
  return files;
}

}  // namespace

std::vector<std::string> picture_files(const std::string& name) {
  if (is_pattern(name)) return files_of_pattern(name);
  std::error_code ignored;
  if (fs::is_regular_file(name, ignored)) return {name};
  std::vector<std::string> files =
      has_wildcard(name) ? matches_of(name) : std::vector<std::string>();
  std::erase_if(files, [&](const auto& file) { return !fs::is_regular_file(file, ignored); });
  std::ranges::sort(files, natural_less);
  return files;
}

PictureList list_pictures(const InputSpec& input) {
  PictureList list;
  list.files = picture_files(input.name);
  std::error_code ignored;
  if (list.files.empty() && fs::is_directory(input.name, ignored))
    fail(Fault::input, "{}: is a directory; '{}/*.jpg' names pictures in it", input.name,
         input.name.substr(0, input.name.find_last_not_of('/') + 1));
  if (list.files.empty())
    fail(Fault::input, "{}: cannot be read: No such file or directory: no picture has such a name",
         input.name);
  if (std::ssize(list.files) > most_pictures)
    fail(Fault::input, "{}: names {} pictures, and {} are the most", input.name, list.files.size(),
         most_pictures);
  if (input.taken.order == PictureOrder::time)
    sort_by_time(list);
  else
    mind_holes(input, list);
  return list;
}

}  // namespace quadrant
