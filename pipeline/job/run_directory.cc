// SPDX-License-Identifier: MIT
#include "pipeline/job/run_directory.h"

#include <cmath>
#include <fstream>
#include <set>

#include "pipeline/media/versions.h"
#include "pipeline/plan/plan.h"
#include "pipeline/plan/unit_json.h"
#include "pipeline/store/atomic_file.h"

namespace quadrant {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* unit_schema = "quadrant-unit/2";

// The plan holds the inputs; the configuration's globs could match others on another day.
std::string text_of(JobSpec job) {
  job.inputs.clear();
  return fmt::format("# planned by {}\n{}", library_versions(), to_yaml(job));
}

void make_directory(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail(Fault::temporary, "{}: cannot be made: {}", path, error.message());
}

PlannedUnit planned(const Plan& plan, const JobKey& key, const Unit& unit) {
  PlannedUnit planned{unit, plan.input.spec(), plan.output_path, key, {}, {}};
  const double tick = plan.source.time_base.value();
  const auto seconds = [&](std::int64_t pts) {
    return std::round(static_cast<double>(pts) * tick * 1000) / 1000;
  };
  if (unit.segment.begin != Segment::start) planned.from = seconds(unit.segment.begin);
  if (unit.segment.end != Segment::finish) planned.to = seconds(unit.segment.end);
  return planned;
}

std::optional<double> seconds_or_none(const nlohmann::json& told) {
  return told.is_null() ? std::nullopt : std::optional(told.get<double>());
}

}  // namespace

std::string PlannedUnit::range() const {
  if (unit.kind != Unit::Kind::segment) return name_of(unit);
  const auto bound = [](const std::optional<double>& seconds, std::string_view open) {
    return seconds ? fmt::format("{:.3f} s", *seconds) : std::string(open);
  };
  return fmt::format("{}, {} to {}", name_of(unit), bound(from, "the beginning"),
                     bound(to, "the end"));
}

std::vector<PlannedUnit> planned_units(const Plan& plan, const JobKey& key) {
  std::vector<PlannedUnit> all;
  for (const Unit& unit : units_of(plan, key)) all.push_back(planned(plan, key, unit));
  return all;
}

std::string to_line(const PlannedUnit& planned) {
  const auto seconds = [](const std::optional<double>& s) { return s ? Json(*s) : Json(); };
  Json line = {{"schema", unit_schema},
               {"input", escaped(to_text(planned.input))},
               {"output", escaped(planned.output)}};
  const nlohmann::json unit = planned.unit;
  for (const auto& [name, value] : unit.items()) line[name] = value;
  if (planned.unit.kind == Unit::Kind::segment) {
    line["from"] = seconds(planned.from);
    line["to"] = seconds(planned.to);
  }
  line["configuration"] = planned.key.configuration;
  line["content"] = planned.key.input;
  line["versions"] = planned.key.versions;
  return line.dump();
}

PlannedUnit unit_of_line(const std::string& line) {
  try {
    const auto told = nlohmann::json::parse(line);
    if (told.at("schema") != unit_schema)
      fail(Fault::usage, "is of another version of Quadrant; plan again");
    PlannedUnit planned{told.get<Unit>(),
                        read_input(unescaped(told.at("input"))),
                        unescaped(told.at("output")),
                        {told.at("configuration"), told.at("content"), told.at("versions")},
                        {},
                        {}};
    if (planned.unit.kind == Unit::Kind::segment) {
      planned.from = seconds_or_none(told.at("from"));
      planned.to = seconds_or_none(told.at("to"));
    }
    if (id_of(planned.unit, planned.key) != planned.unit.id)
      fail(Fault::usage, "is damaged: it is not what its id says; plan again");
    return planned;
  } catch (const nlohmann::json::exception&) {
    fail(Fault::usage, "is damaged; plan again");
  }
}

std::vector<std::shared_ptr<const InputShare>> shares_of(const std::vector<PlannedUnit>& all,
                                                         const std::vector<PlannedUnit>& chosen,
                                                         const InputShare& common) {
  std::set<std::string> wanted;
  for (const PlannedUnit& planned : chosen) wanted.insert(planned.unit.id);
  std::vector<std::shared_ptr<InputShare>> shares;
  for (const PlannedUnit& planned : all) {
    if (shares.empty() || shares.back()->key.input != planned.key.input) {
      shares.push_back(std::make_shared<InputShare>(common));
      shares.back()->input = planned.input;
      shares.back()->output = planned.output;
      shares.back()->key = planned.key;
    }
    InputShare& share = *shares.back();
    share.units.push_back(planned.unit);
    if (wanted.contains(planned.unit.id)) share.chosen.push_back(planned.unit);
  }
  std::erase_if(shares, [](const auto& share) { return share->chosen.empty(); });
  return {shares.begin(), shares.end()};
}

RunDirectory::RunDirectory(std::string path) : path_(std::move(path)) {
  while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
}

bool RunDirectory::is_planned() const { return is_there(plan_file()); }

void RunDirectory::write(const JobSpec& job, const std::vector<PlannedUnit>& units) const {
  std::string plan;
  for (const PlannedUnit& unit : units) plan += to_line(unit) + "\n";
  if (is_planned() && contents(plan_file()) != plan)
    fail(Fault::usage,
         "{}: holds the plan of another job, or its inputs have changed; choose another directory",
         path_);
  if (!is_planned() && is_there(path_) && !entries_of(path_).empty())
    fail(Fault::usage, "{}: is there and holds no plan; choose another directory", path_);
  for (const std::string& directory : {this->units(), failed()}) make_directory(directory);
  if (contents(job_file()) != text_of(job)) write_whole(job_file(), text_of(job));
  if (!is_planned()) write_whole(plan_file(), plan);
  sync(path_);
}

std::vector<PlannedUnit> RunDirectory::read_units() const {
  if (!is_planned())
    fail(Fault::usage, "{}: holds no plan; `quadrant plan CONFIG -o {}` makes one", path_, path_);
  std::vector<PlannedUnit> units;
  std::ifstream in(plan_file(), std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    try {
      units.push_back(unit_of_line(line));
    } catch (const Error& error) {
      fail(error.fault(), "{}:{}: {}", plan_file(), units.size() + 1, error.what());
    }
  }
  return units;
}

InputShare RunDirectory::common_share() const {
  InputShare share;
  share.directory = units();
  share.failures = failed();
  return share;
}

}  // namespace quadrant
