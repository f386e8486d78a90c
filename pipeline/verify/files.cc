// SPDX-License-Identifier: MIT
#include "pipeline/verify/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>
#include <vector>

namespace quadrant {
namespace {

namespace fs = std::filesystem;

// The first byte in which two files differ; nothing if they are equal.
std::optional<std::uint64_t> first_difference_in(const fs::path& a, const fs::path& b) {
  std::ifstream one(a, std::ios::binary), other(b, std::ios::binary);
  std::vector<char> left(1 << 20), right(left.size());
  for (std::uint64_t at = 0; one && other;) {
    one.read(left.data(), static_cast<std::streamsize>(left.size()));
    other.read(right.data(), static_cast<std::streamsize>(right.size()));
    const auto [l, r] = std::mismatch(left.begin(), left.begin() + one.gcount(), right.begin(),
                                      right.begin() + other.gcount());
    at += static_cast<std::uint64_t>(l - left.begin());
    if (l != left.begin() + one.gcount() || r != right.begin() + other.gcount()) return at;
  }
  return one.eof() && other.eof() ? std::nullopt : std::optional<std::uint64_t>(0);
}

std::vector<fs::path> files_below(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file() && entry.path().filename() != ".quadrant.jsonl")
      files.push_back(entry.path().lexically_relative(directory));
  std::ranges::sort(files);
  return files;
}

}  // namespace

std::string first_difference(const fs::path& reference, const fs::path& files) {
  const std::vector<fs::path> expected = files_below(reference), got = files_below(files);
  const auto [e, g] = std::ranges::mismatch(expected, got);
  if (e != expected.end()) return e->string() + " is missing";
  if (g != got.end()) return g->string() + " is one too many";
  for (const fs::path& file : expected)
    if (const auto at = first_difference_in(reference / file, files / file))
      return fmt::format("{} from byte {} on", file.string(), *at);
  return "";
}

}  // namespace quadrant
