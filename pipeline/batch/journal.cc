// SPDX-License-Identifier: MIT
#include "pipeline/batch/journal.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "pipeline/batch/disk.h"
#include "pipeline/batch/names.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/versions.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t sum_digits = 8;

fs::path journal_of(const fs::path& output) { return directory_of(output) / ".quadrant.jsonl"; }

std::string identity_of_file(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return "";
  return fmt::format("{} {}.{:09}", about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}

std::string key_in_journal(const std::string& output) {
  return escaped(fs::path(output).filename().string());
}

// {"sum":"01234567", ...}: the sum is of the line without it.
std::string with_sum(const json& entry) {
  const std::string text = entry.dump();
  return fmt::format("{{\"sum\":\"{}\",{}", md5_hex(text).substr(0, sum_digits), text.substr(1));
}

std::optional<json> checked(const std::string& line) {
  constexpr std::string_view head = "{\"sum\":\"";
  constexpr std::size_t body = head.size() + sum_digits + 2;
  if (!line.starts_with(head) || line.size() <= body) return std::nullopt;
  const std::string text = "{" + line.substr(body);
  if (md5_hex(text).substr(0, sum_digits) != line.substr(head.size(), sum_digits))
    return std::nullopt;
  json entry = json::parse(text, nullptr, false);
  return entry.is_object() ? std::optional(std::move(entry)) : std::nullopt;
}

}  // namespace

std::string identity(const std::string& path) {
  if (!is_sequence(path) || fs::exists(path)) return identity_of_file(path);
  std::string all;
  for (const std::string& picture : files_of(path))
    all += fs::path(picture).filename().string() + " " + identity_of_file(picture) + "\n";
  return all.empty() ? "" : md5_hex(all);
}

std::string JobKey::text() const { return md5_hex(configuration + "\n" + input + "\n" + versions); }

std::string JobKey::difference(const JobKey& other) const {
  if (configuration != other.configuration) return "the configuration changed";
  if (input != other.input) return "the input changed";
  if (versions != other.versions) return "Quadrant or a library has another version";
  return "";
}

JobKey job_key(const std::string& canonical_job, const std::string& input) {
  std::string source = input.starts_with("lavfi:") ? input : "";
  if (source.empty()) {
    const std::string id = identity(input);
    std::error_code ignored;
    if (!id.empty()) source = fs::absolute(input, ignored).string() + " " + id;
  }
  return {md5_hex(canonical_job), source.empty() ? "" : md5_hex(source),
          md5_hex(library_versions())};
}

Journals::Journal& Journals::journal_at(const fs::path& file) {
  Journal& journal = journals_[file];
  const std::string now = identity_of_file(file.string());
  if (now != journal.identity) {
    journal = {now, {}};
    read(file, journal);
  }
  return journal;
}

Journals::Entry Journals::last(const std::string& output) {
  const std::lock_guard lock(mutex_);
  return journal_at(journal_of(output)).entries[key_in_journal(output)];
}

std::map<std::string, Journals::Entry> Journals::all(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, Entry> found;
  for (const auto& [name, entry] : journal_at(journal_of(fs::path(directory) / "any")).entries)
    found[unescaped(name)] = entry;
  return found;
}

void Journals::read(const fs::path& file, Journal& journal) {
  std::istringstream lines(contents(file));
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty()) continue;
    if (const std::optional<json> entry = checked(line)) {
      journal.entries[entry->at("output")] = {entry->at("key"), entry->at("file"),
                                              entry->value("pictures", std::vector<std::string>())};
      continue;
    }
    const bool torn = !line.ends_with('}');
    complaints_[fmt::format("{}:{}", file.string(), number)] =
        torn ? "the line is torn, as a crash leaves it; it is passed over"
             : "the line is damaged; what it said is not known, so that output counts as not ours";
  }
}

bool Journals::is_up_to_date(const std::string& output, const JobKey& key) {
  if (!key.known()) return false;
  const Entry entry = last(output);
  const std::string now = identity(output);
  return !now.empty() && entry.key == key.text() && entry.file == now;
}

void Journals::remember(const std::string& output, const JobKey& key, const std::string& file,
                        const std::vector<std::string>& pictures) {
  if (!key.known()) return;
  json entry = {{"output", key_in_journal(output)}, {"key", key.text()}, {"file", identity(file)}};
  for (const std::string& name : pictures) entry["pictures"].push_back(escaped(name));
  append_line(journal_of(output), with_sum(entry));
}

std::vector<std::string> Journals::complaints() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [place, what] : complaints_) all.push_back(place + ": " + what);
  return all;
}

}  // namespace quadrant
