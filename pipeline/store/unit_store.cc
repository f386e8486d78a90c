// SPDX-License-Identifier: MIT
#include "pipeline/store/unit_store.h"

#include <fmt/format.h>

#include <fstream>

#include "pipeline/config/utf8.h"
#include "pipeline/fault_of.h"
#include "pipeline/foreign_json.h"
#include "pipeline/media/packet_file.h"
#include "pipeline/observe/findings_json.h"
#include "pipeline/plan/unit_json.h"
#include "pipeline/store/atomic_file.h"

namespace quadrant {
namespace {

using nlohmann::json;

constexpr const char* schema = "quadrant-segment/3";
constexpr std::string_view whole_ending = ".packets", growing_ending = ".packets.part",
                           record_ending = ".json";

// Stems of our files: a number of five or more digits, or "rest".
bool is_ours(const std::string& name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return false;
  const std::string stem = name.substr(0, dot), ending = name.substr(dot);
  const bool known = ending == whole_ending || ending == growing_ending;
  const bool number = stem.size() >= 5 && stem.find_first_not_of("0123456789") == std::string::npos;
  return known && (number || stem == "rest");
}

constexpr std::size_t id_digits = 16;

// The id at the start of `name`, if `next` follows it.
std::string leading_id(std::string_view name, char next) {
  const std::string_view id = name.substr(0, id_digits);
  const bool is_id = name.size() > id_digits && name[id_digits] == next &&
                     id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_id ? std::string(id) : "";
}

}  // namespace

UnitStore UnitStore::beside(const std::string& output, const JobKey& key) {
  return {segments_name(output), key, false};
}

UnitStore UnitStore::shared(const std::string& directory, const JobKey& key) {
  return {directory, key, true};
}

std::string UnitStore::stem(const Unit& unit) const {
  if (shared_) return unit.id;
  return unit.kind == Unit::Kind::rest ? "rest" : fmt::format("{:05}", unit.segment.index);
}

std::string UnitStore::head(const Unit& unit) const {
  return json{{"schema", schema},
              {"configuration", key_.configuration},
              {"input", key_.input},
              {"versions", key_.versions},
              {"unit", unit}}
      .dump();
}

std::string UnitStore::foot(const Contents& contents) {
  return json{
      {"pictures", contents.pictures}, {"hashes", contents.hashes}, {"findings", contents.findings}}
      .dump(-1, ' ', false, json::error_handler_t::replace);  // libav quotes the file's own bytes
}

std::optional<UnitStore::Found> UnitStore::find(const Unit& unit, bool with_hashes) const {
  const std::string file = path(unit);
  if (!key_.known() || !is_there(file)) return std::nullopt;
  const std::optional<PacketFileText> text = check_packet_file(file);
  if (!text) return Found{.redo = "its file is damaged"};
  Found found{.redo = "its file is of another kind"};
  try {
    const json then = json::parse(text->head), foot = json::parse(text->foot);
    if (then.at("schema") != schema) return found;
    const JobKey key{then.at("configuration"), then.at("input"), then.at("versions")};
    static_cast<Contents&>(found) = {whole_number(foot.at("pictures")), foot.at("hashes"),
                                     foot.at("findings")};
    found.redo = key_.difference(key);
    if (found.redo.empty() && then.at("unit").at("id") != unit.id)
      found.redo = "it holds another segment";
  } catch (const json::exception&) {
    return found;
  }
  if (found.redo.empty() && with_hashes && found.hashes.empty() && unit.has_video())
    found.redo = "its frame hashes are wanted";
  return found;
}

std::string UnitStore::path(const Unit& unit) const {
  return directory_ + "/" + stem(unit) + std::string(whole_ending);
}

std::string UnitStore::growing(const Unit& unit) const {
  if (!shared_) return directory_ + "/" + stem(unit) + std::string(growing_ending);
  return directory_ + "/." + stem(unit) + "." + name_of_this_process() +
         std::string(growing_ending);
}

void UnitStore::create() const {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error) fail(fault_of(error.value()), "{}: cannot be made: {}", directory_, error.message());
}

void UnitStore::keep(const Unit& unit) const { commit({{growing(unit), path(unit)}}, true); }

void UnitStore::discard(const Unit& unit) const noexcept {
  std::error_code ignored;
  fs::remove(growing(unit), ignored);
}

void UnitStore::discard_growing() const noexcept {
  std::error_code ignored;
  for (const fs::path& each : entries_of(directory_)) {
    const std::string name = each.filename().string();
    if (is_ours(name) && name.ends_with(growing_ending)) fs::remove(each, ignored);
  }
}

void UnitStore::remove() const noexcept {
  std::error_code ignored;
  for (const fs::path& each : entries_of(directory_))
    if (is_ours(each.filename().string())) fs::remove(each, ignored);
  fs::remove(directory_, ignored);
}

bool is_unit_name(const std::string& name) { return is_ours(name); }

bool is_whole_unit(const std::string& name) {
  return is_ours(name) && name.ends_with(whole_ending);
}

std::string growing_id(const std::string& name) {
  if (!name.starts_with('.') || !name.ends_with(growing_ending)) return "";
  return leading_id(std::string_view(name).substr(1), '.');
}

std::string whole_id(const std::string& name) {
  const std::string id = leading_id(name, '.');
  return id + std::string(whole_ending) == name ? id : "";
}

void write_record(const std::string& directory, const std::string& id,
                  const UnitRecord& record) noexcept {
  try {
    json told = {{"host", printable(record.host)}, {"seconds", record.seconds}};
    if (!record.error.empty()) told["error"] = printable(record.error);
    write_whole(directory + "/" + id + std::string(record_ending), told.dump() + "\n");
  } catch (...) {  // nothing depends on a record
  }
}

void remove_record(const std::string& directory, const std::string& id) noexcept {
  std::error_code ignored;
  fs::remove(directory + "/" + id + std::string(record_ending), ignored);
}

std::map<std::string, UnitRecord> records_in(const std::string& directory) {
  std::map<std::string, UnitRecord> all;
  for (const fs::path& path : entries_of(directory)) {
    if (path.extension() != record_ending || path.filename().string().starts_with('.')) continue;
    std::ifstream in(path);
    const json told = json::parse(in, nullptr, false);
    try {
      all[path.stem().string()] = {told.at("host"), told.value("seconds", 0.0),
                                   told.value("error", "")};
    } catch (const json::exception&) {  // nothing depends on a record
    }
  }
  return all;
}

}  // namespace quadrant
