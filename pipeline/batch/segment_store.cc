// SPDX-License-Identifier: MIT
#include "pipeline/batch/segment_store.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "pipeline/batch/disk.h"
#include "pipeline/fault_of.h"
#include "pipeline/media/versions.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* schema = "quadrant-segment/1";
constexpr std::string_view whole_ending = ".packets", growing_ending = ".packets.part";

json described(const Segment& s) {
  return {s.index, s.begin, s.end, s.first, s.last, s.key_pts, s.packets};
}

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

// The id that `name` begins with, if that is followed by `next`.
std::string leading_id(std::string_view name, char next) {
  const std::string_view id = name.substr(0, id_digits);
  const bool is_id = name.size() > id_digits && name[id_digits] == next &&
                     id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_id ? std::string(id) : "";
}

json described(const Part& part) {
  if (part.kind == Part::Kind::whole) return "whole";
  return part.kind == Part::Kind::rest ? json("rest") : described(part.segment);
}

}  // namespace

std::string segments_name(const std::string& output) {
  const fs::path path(output);
  return (path.parent_path() / ("." + path.filename().string() + ".segments")).string();
}

SegmentStore::SegmentStore(const std::string& output, const JobKey& key)
    : directory_(segments_name(output)), key_(key) {}

SegmentStore::SegmentStore(Shared shared, const JobKey& key)
    : directory_(std::move(shared.directory)), key_(key), shared_(true) {}

std::string SegmentStore::id(const Part& part) const {
  return md5_hex(head(part)).substr(0, id_digits);
}

std::string SegmentStore::stem(const Part& part) const {
  if (shared_) return id(part);
  return part.kind == Part::Kind::rest ? "rest" : fmt::format("{:05}", part.segment.index);
}

std::string SegmentStore::head(const Part& part) const {
  return json{{"schema", schema},
              {"configuration", key_.configuration},
              {"input", key_.input},
              {"versions", key_.versions},
              {"part", described(part)}}
      .dump();
}

std::string SegmentStore::foot(std::int64_t pictures, const std::string& hashes) {
  return json{{"pictures", pictures}, {"hashes", hashes}}.dump();
}

std::optional<SegmentStore::Found> SegmentStore::find(const Part& part, bool with_hashes) const {
  const std::string file = path(part);
  if (!key_.known() || !fs::exists(file)) return std::nullopt;
  const std::optional<PacketFileText> text = check_packet_file(file);
  if (!text) return Found{.redo = "its file is damaged"};
  const json then = json::parse(text->head, nullptr, false),
             foot = json::parse(text->foot, nullptr, false);
  if (!then.is_object() || !foot.is_object()) return Found{.redo = "its file is of another kind"};
  const JobKey key{then.value("configuration", ""), then.value("input", ""),
                   then.value("versions", "")};
  Found found{foot.value("pictures", std::int64_t{0}), foot.value("hashes", ""),
              key_.difference(key)};
  if (found.redo.empty() && text->head != head(part)) found.redo = "it is another stretch";
  if (found.redo.empty() && with_hashes && found.hashes.empty() && part.kind != Part::Kind::rest)
    found.redo = "its frame hashes are wanted";
  return found;
}

std::string SegmentStore::path(const Part& part) const {
  return directory_ + "/" + stem(part) + std::string(whole_ending);
}

std::string SegmentStore::growing(const Part& part) const {
  if (shared_)
    return fmt::format("{}/.{}.{}{}", directory_, stem(part), name_of_this_process(),
                       growing_ending);
  return directory_ + "/" + stem(part) + std::string(growing_ending);
}

void SegmentStore::create() const {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error) fail(fault_of(error.value()), "{}: cannot be made: {}", directory_, error.message());
}

void SegmentStore::keep(const Part& part) const {
  rename_to(growing(part), path(part), true);
  sync(directory_);
}

void SegmentStore::discard(const Part& part) const noexcept {
  std::error_code ignored;
  fs::remove(growing(part), ignored);
}

void SegmentStore::discard_growing() const noexcept {
  std::error_code ignored;
  for (const fs::directory_entry& each : fs::directory_iterator(directory_, ignored)) {
    const std::string name = each.path().filename().string();
    if (is_ours(name) && name.ends_with(growing_ending)) fs::remove(each.path(), ignored);
  }
}

void SegmentStore::remove() const noexcept {
  std::error_code ignored;
  for (const fs::directory_entry& each : fs::directory_iterator(directory_, ignored))
    if (is_ours(each.path().filename().string())) fs::remove(each.path(), ignored);
  fs::remove(directory_, ignored);
}

bool is_segment_name(const std::string& name) { return is_ours(name); }

bool is_whole_segment(const std::string& name) {
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

}  // namespace quadrant
