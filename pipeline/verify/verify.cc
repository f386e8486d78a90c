// SPDX-License-Identifier: MIT
#include "pipeline/verify/verify.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <memory>
#include <opencv2/core/utility.hpp>

#include "pipeline/counted.h"
#include "pipeline/job/batch.h"
#include "pipeline/job/names.h"
#include "pipeline/verify/alone.h"
#include "pipeline/verify/confined.h"
#include "pipeline/verify/files.h"
#include "pipeline/verify/finding.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

struct Case {         // an input with a reference
  std::size_t input;  // index in the result's inputs
  InputSpec spec;
  std::unique_ptr<Reference> reference;
};

struct Found {              // a difference not explained yet
  std::size_t cell, input;  // cell: index in the result; input: index of the case
  Finding finding;
  std::vector<std::int64_t> frames;
};

class Verification {
 public:
  Verification(const JobSpec& job, const VerifyOptions& options, const StopFlag& stop)
      : job_(job), options_(options), stop_(stop), directory_(options.directory) {}

  VerifyResult run() {
    cv::setNumThreads(0);
    for (const InputSpec& input : options_.inputs) add_input(input);
    for (int round = 1; round <= options_.rounds && !cases_.empty(); ++round)
      for (const VerifyCell& cell : options_.cells) run_cell(cell, round);
    for (std::size_t i = 0; i < cases_.size(); ++i) explain(i);
    return std::move(result_);
  }

 private:
  template <class F>
  double timed(const std::string& what, F run) {
    const double began = wall_seconds();
    run();
    if (stop_.raised()) fail(Fault::stopped, "stopped");
    const double seconds = wall_seconds() - began;
    if (options_.told) options_.told(what, seconds);
    return seconds;
  }

  void add_input(const InputSpec& input) {
    VerifyResult::Input told{.name = input.name};
    try {
      timed("reference of " + input.name, [&] { make_reference(input, told); });
    } catch (const Error& error) {
      if (error.fault() == Fault::stopped || error.fault() == Fault::usage) throw;
      told.failure = error.what();
    }
    result_.inputs.push_back(std::move(told));
  }

  void make_reference(const InputSpec& input, VerifyResult::Input& told) {
    AloneInput alone = open(input);
    auto reference = std::make_unique<Reference>(alone.plan);
    alone.plan = stage_by_stage(std::move(alone.plan));
    told.frames = run_alone(std::move(alone), *reference, stop_);
    for (const TapPoint& point : reference->points()) told.points.push_back(point.name);
    cases_.push_back({result_.inputs.size(), input, std::move(reference)});
  }

  fs::path fresh(const std::string& name) const {
    const fs::path path = directory_ / name;
    std::error_code error;
    fs::remove_all(path, error);
    if (!error) fs::create_directories(path, error);
    if (error) fail(Fault::temporary, "{}: {}", path.string(), error.message());
    return path;
  }

  AloneInput open(const InputSpec& input) const {
    const fs::path pattern = fresh("alone") / pattern_of_file(job_.output.path);
    return open_alone(job_, input, output_name(pattern, input.name, 1), stop_);
  }

  void run_cell(const VerifyCell& cell, int round) {
    VerifiedCell& told = result_.cells.emplace_back();
    told.cell = cell;
    told.round = round;
    std::deque<Comparison> comparisons;
    for (const Case& c : cases_) comparisons.emplace_back(*c.reference);
    told.seconds = timed(name_of(cell), [&] {
      cell.confined ? run_confined(told, comparisons) : run_planned(told, comparisons);
    });
    for (std::size_t i = 0; i < cases_.size(); ++i)
      if (const Finding* finding = comparisons[i].first())
        found_.push_back(
            {result_.cells.size() - 1, i, *finding, comparisons[i].differing_frames()});
  }

  void run_confined(VerifiedCell& told, std::deque<Comparison>& comparisons) {
    told.peak = 1;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      try {
        AloneInput alone = open(cases_[i].spec);
        alone.plan = stage_by_stage_confined(std::move(alone.plan));
        told.frames += run_alone(std::move(alone), comparisons[i], stop_);
        comparisons[i].finish(Comparison::Grid::strips);
      } catch (const Breach& breach) {
        told.breaches.push_back(cases_[i].spec.name + ": " + breach.what());
      } catch (const Error& error) {
        told.failures.push_back(error.what());
      }
    }
  }

  void run_planned(VerifiedCell& told, std::deque<Comparison>& comparisons) {
    const bool first = reference_files_.empty();
    const fs::path files = fresh(first ? "reference" : "outputs");
    JobSpec job = job_;
    job.output.path = files / "{index}" / pattern_of_file(job_.output.path);
    job.output.path_location = {};
    BatchOptions options{.mode = told.cell.mode,
                         .cores = told.cell.cores,
                         .memory = options_.memory,
                         .in_flight = told.cell.in_flight,
                         .keeps_to_cores = false,
                         .strict = options_.strict};
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      options.inputs.push_back(cases_[i].spec);
      options.observers.push_back(&comparisons[i]);
    }
    Batch batch(job, options, stop_);
    batch.run();
    told.peak = batch.meter().peak();
    for (std::size_t i = 0; i < cases_.size(); ++i)
      if (is_done(batch.inputs()[i], told)) {
        comparisons[i].finish(Comparison::Grid::planned);
        if (!first) compare_files(files, i, told);
      }
    if (first) reference_files_ = files;
  }

  static bool is_done(const InputState& state, VerifiedCell& told) {
    told.frames += state.meter.frames_out;
    if (state.status == Status::failed)
      (state.fault == Fault::usage ? told.refused : told.failures).push_back(state.error);
    return state.status == Status::done;
  }

  // A container that writes nothing leaves no directory.
  void compare_files(const fs::path& files, std::size_t i, VerifiedCell& told) const {
    const fs::path expected = reference_files_ / std::to_string(i + 1),
                   made = files / std::to_string(i + 1);
    if (!fs::exists(expected) && !fs::exists(made)) return;
    const std::string where = !fs::exists(expected) || !fs::exists(made)
                                  ? "the file is not in both runs"
                                  : first_difference(expected, made);
    if (!where.empty()) told.files.push_back(cases_[i].spec.name + ": " + where);
  }

  // Runs the reference a second time to see what it makes of the samples that differed.
  void explain(std::size_t input) {
    SecondLook look(*cases_[input].reference);
    bool wanted = false;
    for (const Found& f : found_) {
      if (f.input != input) continue;
      look.want(f.finding);
      wanted = true;
    }
    if (!wanted) return;
    timed("reference of " + cases_[input].spec.name + ", again", [&] {
      AloneInput alone = open(cases_[input].spec);
      alone.plan = stage_by_stage(std::move(alone.plan));
      run_alone(std::move(alone), look, stop_);
      look.finish(Comparison::Grid::whole);
    });
    result_.inputs[cases_[input].input].unsteady = look.first() != nullptr;
    for (const Found& f : found_)
      if (f.input == input)
        result_.cells[f.cell].differences.push_back(
            difference_of(cases_[input].spec.name, f.finding, f.frames, look));
  }

  const JobSpec& job_;
  const VerifyOptions& options_;
  const StopFlag& stop_;
  const fs::path directory_;
  VerifyResult result_;
  std::vector<Case> cases_;
  std::vector<Found> found_;
  fs::path reference_files_;  // of the first planned run; empty: none yet
};

}  // namespace

std::string name_of(const VerifyCell& cell) {
  if (cell.confined) return "reach";
  std::string name = fmt::format("{} on {}", name_of(cell.mode), counted(cell.cores, "core"));
  if (cell.in_flight > 0) name += fmt::format(", {} in flight", cell.in_flight);
  return name;
}

bool VerifyResult::agrees() const { return std::ranges::all_of(cells, &VerifiedCell::agrees); }

bool VerifyResult::complete() const {
  return std::ranges::all_of(inputs, [](const Input& i) { return i.failure.empty(); }) &&
         std::ranges::all_of(cells, [](const VerifiedCell& c) { return c.failures.empty(); });
}

VerifyResult verify(const JobSpec& job, const VerifyOptions& options, const StopFlag& stop) {
  return Verification(job, options, stop).run();
}

}  // namespace quadrant
