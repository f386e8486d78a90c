// SPDX-License-Identifier: MIT
#include "pipeline/store/journal.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "pipeline/foreign_json.h"
#include "pipeline/media/versions.h"
#include "pipeline/store/atomic_file.h"
#include "pipeline/store/identity.h"

namespace quadrant {
namespace {

using nlohmann::json;

constexpr std::size_t sum_digits = 8;

fs::path journal_of(const fs::path& output) { return directory_of(output) / ".quadrant.jsonl"; }

json escaped_all(const std::vector<std::string>& texts) {
  json all = json::array();
  for (const std::string& text : texts) all.push_back(escaped(text));
  return all;
}

std::vector<std::string> texts_of(const json& line, const char* key) {
  std::vector<std::string> all;
  for (const std::string& text : line.value(key, std::vector<std::string>()))
    all.push_back(unescaped(text));
  return all;
}

Journals::Entry entry_of(const json& line) {
  const json parts = line.value("depends_on", json::object());
  return {.key = {parts.value("configuration", ""), parts.value("input", ""),
                  parts.value("versions", "")},
          .file = line.value("file", ""),
          .pictures = texts_of(line, "pictures"),
          .job = unescaped(line.value("job", "")),
          .input = unescaped(line.value("input", "")),
          .losses = texts_of(line, "losses"),
          .damage = texts_of(line, "damage"),
          .frames = line.contains("frames") ? whole_number(line.at("frames")) : 0,
          .seconds = line.value("seconds", 0.0)};
}

// A line for each: what does not apply is left out, for there may be many thousand.
json line_of(const std::string& name, const Journals::Entry& entry) {
  json line = {{"output", name},
               {"depends_on",
                {{"configuration", entry.key.configuration},
                 {"input", entry.key.input},
                 {"versions", entry.key.versions}}},
               {"file", entry.file},
               {"job", escaped(entry.job)},
               {"input", escaped(entry.input)}};
  if (!entry.pictures.empty()) line["pictures"] = escaped_all(entry.pictures);
  if (!entry.losses.empty()) line["losses"] = escaped_all(entry.losses);
  if (entry.frames > 0) line["frames"] = entry.frames;
  if (entry.seconds > 0) line["seconds"] = entry.seconds;
  if (!entry.damage.empty()) line["damage"] = escaped_all(entry.damage);
  return line;
}

std::string key_in_journal(const std::string& output) {
  return escaped(fs::path(output).filename().string());
}

// {"sum":"01234567", ...}: the sum covers the line without the sum.
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

Journals::Journal& Journals::journal_at(const fs::path& file) {
  Journal& journal = journals_[file.string()];
  struct stat about {};
  if (stat(file.c_str(), &about) != 0) {
    journal = {};
    return journal;
  }
  const FileId id{about.st_dev, about.st_ino};
  const auto size = static_cast<std::uint64_t>(about.st_size);
  if (journal.id != id || size < journal.read) journal = {.id = id};
  if (size > journal.read) read_on(file, journal);
  return journal;
}

Journals::Entry Journals::last(const std::string& output) {
  const std::lock_guard lock(mutex_);
  const Journal& journal = journal_at(journal_of(output));
  const auto found = journal.entries.find(key_in_journal(output));
  return found == journal.entries.end() ? Entry{} : found->second;
}

std::map<std::string, Journals::Entry> Journals::all(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, Entry> found;
  for (const auto& [name, entry] : journal_at(journal_of(fs::path(directory) / "any")).entries)
    found[unescaped(name)] = entry;
  return found;
}

void Journals::read_on(const fs::path& file, Journal& journal) {
  std::ifstream in(file, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(journal.read));
  for (std::string line; std::getline(in, line);) {
    take_line(file, line, journal.lines + 1, journal);
    if (in.eof()) return;  // no newline: torn, or another job is writing it now
    journal.read += line.size() + 1;
    ++journal.lines;
  }
}

// A line can have the right sum and still be none of ours: anybody can write it.
bool Journals::adopt_line(const std::string& line, Journal& journal) {
  const std::optional<json> entry = checked(line);
  if (!entry) return false;
  try {
    if (entry->contains("text"))
      journal.configurations[entry->value("configuration", "")] =
          unescaped(entry->value("text", ""));
    else
      journal.entries[entry->value("output", "")] = entry_of(*entry);
  } catch (const json::exception&) {
    return false;
  }
  return true;
}

void Journals::take_line(const fs::path& file, const std::string& line, int number,
                         Journal& journal) {
  if (line.empty()) return;
  const std::string place = fmt::format("{}:{}", file.string(), number);
  if (adopt_line(line, journal)) {
    diagnostics_.erase(place);
    return;
  }
  const bool torn = !line.ends_with('}');
  diagnostics_[place] =
      torn ? "the line is torn, as a crash leaves it; ignored"
           : "the line is damaged; its content is unknown, so its output is treated as not ours";
}

bool Journals::Entry::is_up_to_date(const std::string& output, const JobKey& now) const {
  return now.known() && !file.empty() && key.difference(now).empty() && file == identity(output);
}

void Journals::remember(const std::string& output, const Entry& entry,
                        const std::string& configuration) {
  if (!entry.key.known()) return;
  const fs::path file = journal_of(output);
  const std::string& hash = entry.key.configuration;
  if (this->configuration(output, hash).empty())
    append_line(file, with_sum({{"configuration", hash}, {"text", escaped(configuration)}}));
  append_line(file, with_sum(line_of(key_in_journal(output), entry)));
}

std::string Journals::configuration(const std::string& output, const std::string& hash) {
  const std::lock_guard lock(mutex_);
  const Journal& journal = journal_at(journal_of(output));
  const auto found = journal.configurations.find(hash);
  return found == journal.configurations.end() ? "" : found->second;
}

std::vector<std::string> Journals::diagnostics() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [place, what] : diagnostics_) all.push_back(place + ": " + what);
  return all;
}

}  // namespace quadrant
