// SPDX-License-Identifier: MIT
#include "pipeline/batch/unit_records.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipeline/batch/disk.h"
#include "pipeline/config/utf8.h"
#include "pipeline/observe/meter.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view ending = ".json";

std::string host() { return printable(host_name()); }

// A record that cannot be written costs nothing but itself.
void write_record(const std::string& directory, const std::string& id,
                  const json& record) noexcept {
  try {
    write_whole(directory + "/" + id + std::string(ending), record.dump() + "\n");
  } catch (...) {
  }
}

// Calls take(id, record) for every record of `directory`.
template <class Take>
void for_each_record(const std::string& directory, Take take) {
  std::error_code ignored;
  for (const fs::directory_entry& each : fs::directory_iterator(directory, ignored)) {
    const fs::path& path = each.path();
    if (path.extension() != ending || path.filename().string().starts_with('.')) continue;
    std::ifstream in(path);
    const json record = json::parse(in, nullptr, false);
    if (record.is_object()) take(path.stem().string(), record);
  }
}

}  // namespace

UnitRecords::UnitRecords(std::string units, std::string failed)
    : units_(std::move(units)), failed_(std::move(failed)) {}

void UnitRecords::began(const std::string& id) {
  const std::lock_guard lock(mutex_);
  began_[id] = wall_seconds();
}

void UnitRecords::kept(const std::string& id) noexcept {
  double seconds = 0;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = began_.find(id); found != began_.end())
      seconds = wall_seconds() - found->second;
  }
  write_record(units_, id, {{"seconds", seconds}, {"host", host()}});
  std::error_code ignored;
  fs::remove(failed_ + "/" + id + std::string(ending), ignored);
}

void UnitRecords::failed(const std::string& id, const std::string& error) noexcept {
  write_record(failed_, id, {{"error", printable(error)}, {"host", host()}});
}

std::map<std::string, UnitRecords::Failure> UnitRecords::failures(const std::string& directory) {
  std::map<std::string, Failure> all;
  for_each_record(directory, [&](const std::string& id, const json& record) {
    all[id] = {record.value("host", ""), record.value("error", "")};
  });
  return all;
}

std::map<std::string, double> UnitRecords::seconds(const std::string& units) {
  std::map<std::string, double> all;
  for_each_record(units, [&](const std::string& id, const json& record) {
    all[id] = record.value("seconds", 0.0);
  });
  return all;
}

}  // namespace quadrant
