// SPDX-License-Identifier: MIT
#include "pipeline/calibration/calibration.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <opencv2/core/utility.hpp>

#include "pipeline/calibration/excerpt.h"
#include "pipeline/calibration/workload_of.h"
#include "pipeline/counted.h"
#include "pipeline/observe/report.h"
#include "pipeline/scaling/statistics.h"
#include "pipeline/some_of.h"

namespace quadrant {
namespace {

constexpr int most_together = 16;  // threads at once; more cores are assumed to behave alike
constexpr int least_excerpts = 4;
constexpr std::size_t most_inputs = 4;  // to take excerpts from
constexpr double piece_seconds = 2;     // pieces of an input that the job does not cut

constexpr int syncs_an_output = 3;  // file, journal, directory

// The time to put a small file on disk in the temporary directory; outputs may be on another disk.
double sync_seconds() {
  std::string name = std::filesystem::temp_directory_path() / "quadrant-sync-XXXXXX";
  const int file = mkstemp(name.data());
  if (file < 0) return 0;
  unlink(name.c_str());
  const double began = wall_seconds();
  const std::string text(4096, ' ');
  const bool synced = write(file, text.data(), text.size()) == std::ssize(text) && fsync(file) == 0;
  close(file);
  return synced ? wall_seconds() - began : 0;
}

// Runs `at_once` excerpts at once, cyclically from `first` on: the ratio of their CPU seconds now
// to those measured for each alone.
double over_alone(const Calibration& calibration, std::size_t first, int at_once,
                  const StopFlag& stop) {
  std::vector<const Excerpt*> excerpts;
  double alone = 0;
  for (std::size_t i = first; std::ssize(excerpts) < at_once; ++i) {
    const std::size_t which = i % calibration.excerpts.size();
    excerpts.push_back(&calibration.excerpts[which]);
    alone += calibration.alone[which].cpu;
  }
  const double now = cpu_at_once(excerpts, stop);
  return alone > 0 ? now / alone : 1;
}

class Calibrator {
 public:
  Calibrator(const PlannedInputs& inputs, const CalibrationOptions& options, const StopFlag& stop)
      : planning_cpu_(inputs.cpu_seconds), options_(options), stop_(stop) {
    result_.plans = inputs.plans;
    for (const auto& plan : inputs.plans)
      if (plan) planned_.push_back(plan);
  }

  Calibration run() {
    const double began = wall_seconds();
    cv::setNumThreads(0);
    together_ = std::min(options_.cores, most_together);
    choose_excerpts();
    const Contention contention = measure_rounds();
    Workload workload = workload_of(result_.plans, result_.excerpts, result_.alone);
    workload.contention = contention;
    workload.memory = planned_.front()->resources.memory;
    if (together_ > 1) measure_tiles(workload);
    settle_memory(workload);
    const double open = planning_cpu_ / static_cast<double>(planned_.size());
    // The output is opened and read again, and synced.
    const double checked = opening_seconds() + syncs_an_output * sync_seconds();
    for (ModelInput& input : workload.inputs) {
      input.open = open;
      input.finish += checked;
    }
    result_.workload = std::move(workload);
    result_.seconds = wall_seconds() - began;
    return std::move(result_);
  }

 private:
  // Inputs with the same steps as the first one; others would need another measurement.
  std::vector<std::shared_ptr<const Plan>> alike() const {
    std::vector<std::shared_ptr<const Plan>> same;
    for (const auto& plan : planned_)
      if (has_same_steps(*plan, *planned_.front())) same.push_back(plan);
    return same;
  }

  void choose_excerpts() {
    const auto same = alike();
    if (same.size() < planned_.size())
      result_.notes.push_back(
          fmt::format("{} of {}: other conversions than the first needs; taken to be like it",
                      planned_.size() - same.size(), counted(std::ssize(planned_), "input")));
    const auto plans = some_of(same, most_inputs);
    const auto wanted = static_cast<std::size_t>(std::max(least_excerpts, together_));
    for (const auto& plan : plans) {
      const auto each = (wanted + plans.size() - 1) / plans.size();
      for (const Segment& segment : some_of(pieces_of(*plan), each))
        result_.excerpts.push_back({plan, segment});
    }
  }

  std::vector<Segment> pieces_of(const Plan& plan) const {
    if (plan.is_cut() || plan.input.is_one_picture()) return plan.segments;
    PacketScan scan = scan_packets(Input(plan.input.spec(), stop_));
    return cut_into_segments(scan, {piece_seconds}, {});
  }

  double seconds_each() const {
    const auto count = static_cast<double>(result_.excerpts.size());
    const double parts = together_ > 1 ? 1 + 1.0 / together_ + 1 / count : 1;
    return options_.seconds / count / parts;
  }

  // As many excerpts as there are cores, one after the other and then all at once: both within the
  // same seconds, since the machine's speed may change.
  Contention measure_rounds() {
    const auto each = static_cast<std::size_t>(together_);
    std::vector<double> slower;
    for (std::size_t first = 0; first < result_.excerpts.size(); first += each) {
      for (std::size_t i = first; i < std::min(first + each, result_.excerpts.size()); ++i)
        measure_alone(result_.excerpts[i]);
      if (together_ > 1) slower.push_back(over_alone(result_, first, together_, stop_));
    }
    if (together_ == 1) return {};
    return {std::max(1.0, median(slower)), together_};
  }

  // Shortens the excerpt to what ran in the available time.
  void measure_alone(Excerpt& excerpt) {
    const double end = wall_seconds() + seconds_each();
    result_.alone.push_back(run_excerpt(
        excerpt, [&](std::int64_t packets) { return packets == 0 || wall_seconds() < end; },
        stop_));
    excerpt.segment.packets = result_.alone.back().packets;
    result_.frames += result_.alone.back().frames;
  }

  // The cost of spreading a frame over cores, in addition to its strips' own work: CPU time of the
  // process outside all stages, minus the same for a single thread.
  void measure_tiles(Workload& workload) {
    const auto spreads = std::ranges::count_if(
        workload.steps, [](const ModelStep& step) { return step.strips > 1; });
    if (spreads == 0) return;
    const std::size_t middle = result_.excerpts.size() / 2;
    const ExcerptCosts& one = result_.alone[middle];
    const ExcerptCosts tiles =
        run_excerpt_in_tiles(result_.excerpts[middle], options_.cores, stop_);
    const auto between = [](const ExcerptCosts& c) { return c.process_cpu - c.cpu_in_stages(); };
    const auto shares = static_cast<double>(one.frames * spreads * options_.cores);
    workload.spread = shares > 0 ? std::max(0.0, between(tiles) - between(one)) / shares : 0;
  }

  double opening_seconds() const {
    const double began = wall_seconds();
    const Input input(planned_.front()->input.spec(), stop_);
    return wall_seconds() - began;
  }

  void settle_memory(Workload& workload) const {
    const std::int64_t grown = peak_rss_bytes() - planned_bytes_;
    workload.base_bytes = planned_bytes_;
    workload.frame_bytes = planned_.front()->budget.bytes_per_frame;
    workload.unit_bytes =
        std::max<std::int64_t>(0, grown / std::max(1, together_) - workload.frame_bytes);
  }

  const double planning_cpu_;  // for all inputs
  const std::int64_t planned_bytes_ = peak_rss_bytes();
  const CalibrationOptions& options_;
  const StopFlag& stop_;
  Calibration result_;
  std::vector<std::shared_ptr<const Plan>> planned_;
  int together_ = 1;
};

}  // namespace

Calibration calibrate(const PlannedInputs& inputs, const CalibrationOptions& options,
                      const StopFlag& stop) {
  return Calibrator(inputs, options, stop).run();
}

SpeedFactor speed_now(const Calibration& calibration, std::size_t turn, const StopFlag& stop) {
  const int cores = calibration.workload.contention.cores;
  const double alone = 1 / over_alone(calibration, turn, 1, stop);
  return {alone, cores > 1 ? 1 / over_alone(calibration, turn, cores, stop) : alone};
}

}  // namespace quadrant
