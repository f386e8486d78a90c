// SPDX-License-Identifier: MIT
#include "pipeline/batch/run_directory.h"

#include <filesystem>
#include <fstream>

#include "pipeline/batch/disk.h"
#include "pipeline/error.h"
#include "pipeline/media/versions.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

// The inputs are in the plan; the configuration's globs would find others on another day.
std::string text_of(JobSpec job) {
  job.inputs.clear();
  return fmt::format("# planned by {}\n{}", library_versions(), to_yaml(job));
}

void make_directory(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail(Fault::temporary, "{}: cannot be made: {}", path, error.message());
}

}  // namespace

RunDirectory::RunDirectory(std::string path) : path_(std::move(path)) {
  while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
}

bool RunDirectory::is_planned() const { return fs::exists(plan_file()); }

void RunDirectory::write(const JobSpec& job, const std::vector<PlannedUnit>& units) const {
  std::string plan;
  for (const PlannedUnit& unit : units) plan += to_line(unit) + "\n";
  std::error_code ignored;
  if (is_planned() && contents(plan_file()) != plan)
    fail(Fault::usage,
         "{}: holds the plan of another job, or its inputs have changed; choose another directory",
         path_);
  if (!is_planned() && fs::exists(path_) && !fs::is_empty(path_, ignored))
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
  share.units = units();
  share.records = std::make_shared<UnitRecords>(units(), failed());
  return share;
}

}  // namespace quadrant
