// SPDX-License-Identifier: MIT
#include "pipeline/scaling/bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "pipeline/counted.h"
#include "pipeline/plan/bounds.h"
#include "pipeline/scaling/load.h"

namespace quadrant {
namespace {

constexpr double all_busy = 0.9;  // share of the cores, on average

struct Bound {
  double seconds = 0;
  std::string limit;
};

Bound longer(const Bound& a, const Bound& b) { return b.seconds > a.seconds ? b : a; }

// When each worker ends, in ascending order; the next unit is always the heaviest.
std::vector<double> ends_of(std::vector<double> units, int workers) {
  std::vector<double> ends(static_cast<std::size_t>(workers));
  std::ranges::sort(units, std::greater());
  for (const double seconds : units) *std::ranges::min_element(ends) += seconds;
  std::ranges::sort(ends);
  return ends;
}

class Bounds {
 public:
  Bounds(const Workload& workload, Mode mode, int cores)
      : w_(workload), mode_(mode), cores_(runs_on_one_core(mode) ? 1 : cores) {
    for (const ModelInput& input : w_.inputs) {
      around_ += input.open + input.finish;
      for (const ModelUnit& unit : input.units) loads_.push_back(load_of(w_, unit, cores_));
    }
    for (const Load& load : loads_) {
      work_ += load.begin + load.work;
      if (mode_ == Mode::tiles) work_ += load.handing;
    }
  }

  // The slowdown depends on how many cores are busy, which depends on the duration: so iterates.
  Prediction predict() {
    Bound bound;
    double busy = cores_;
    for (int i = 0; i < 4; ++i) {
      slower_ = w_.contention.at(busy);
      bound = longest();
      busy = std::min<double>(cores_, cpu() / bound.seconds);
    }
    return told(bound);
  }

 private:
  double cpu() const { return slower_ * (work_ + around_); }

  Bound longest() const {
    Bound bound = mode_ == Mode::segments ? segments()
                  : is_graph(mode_)       ? graphs(loads_)
                                          : one_by_one();
    bound.seconds += opening_and_finishing();
    return longer(bound, {cpu() / cores_, cores_text()});
  }

  // One core opens and finishes an input; several inputs do so at once.
  double opening_and_finishing() const {
    const int inputs = std::max(1, static_cast<int>(w_.inputs.size()));
    return slower_ * around_ / std::min({cores_, units_at_once(mode_, cores_), inputs});
  }

  Bound one_by_one() const {
    Bound bound{0, costliest()};
    for (const Load& load : loads_) bound.seconds += one_frame(load);
    return bound;
  }

  // One thread takes the unit's frames from the packet to the file, one after another.
  double one_frame(const Load& load) const {
    double cpu = slower_ * (load.begin + load.work - load.threads);
    if (mode_ == Mode::tiles)  // other cores are busy only while it spreads strips
      cpu = load.begin + load.work - load.threads - load.strips + slower_ * load.spread;
    if (cores_ == 1) return cpu + load.threads + load.wait;
    return std::max(cpu + load.wait, slower_ * load.threads / w_.encode.threads);
  }

  // One unit per core. Once enough cores have no unit left, the remaining units go on as graphs.
  Bound segments() const {
    std::vector<double> each;
    for (const Load& load : loads_) each.push_back(one_frame(load));
    const std::vector<double> ends = ends_of(each, cores_);
    int idle = 1;
    while (!can_help(idle, cores_)) ++idle;
    const double begin = ends[static_cast<std::size_t>(idle) - 1];
    const std::size_t heaviest = std::ranges::max_element(each) - each.begin();
    std::vector<Load> left;  // each like the heaviest unit, with the share that is left
    for (const double end : ends)
      if (end > begin)
        left.push_back(loads_[heaviest].rest(std::min(1.0, (end - begin) / each[heaviest])));
    const Bound tail = graphs(left);
    return {begin + tail.seconds, tail.seconds > begin ? tail.limit : costliest()};
  }

  // Units whose frames run on any free core.
  Bound graphs(const std::vector<Load>& loads) const {
    if (loads.empty()) return {};
    const int at_once = std::min<int>(slots(), static_cast<int>(loads.size()));
    std::vector<double> in_order, flights;
    double all = 0, serial = 0, first = 0;
    for (const Load& load : loads) {
      const double one = load.per_frame(slower_ * load.work + load.wait);  // without queueing
      in_order.push_back(
          slower_ * (load.begin + load.serial.seconds - load.per_frame(load.serial.seconds)) + one);
      flights.push_back(load.frames * one / std::clamp(load.frames, 1.0, frame_limit()));
      all += load.begin + load.work;
      serial += load.begin + load.drain;
      first = std::max(first, load.per_frame(load.wait));  // until then there is no work
    }
    const double at_cores =
        slower_ * ((all - serial) / cores_ + serial / std::min(cores_, at_once));
    const auto slowest =
        std::ranges::max_element(loads, {}, [](const Load& load) { return load.serial.seconds; });
    return longer({first + at_cores, cores_text()},
                  longer({ends_of(in_order, at_once).back(), slowest->serial.name},
                         {ends_of(flights, at_once).back(), flight_text()}));
  }

  // Units at once, as many as their encoders' threads allow.
  int slots() const {
    const int threads = encoder_threads(w_.encode.threads), most = units_at_once(mode_, cores_);
    return threads == 0 ? most : std::clamp(encoder_thread_limit(cores_, most) / threads, 1, most);
  }

  double wanted_frames() const {
    return frames_in_progress(mode_, cores_, w_.waits()) + w_.windows;
  }
  double frame_limit() const {
    if (w_.memory == 0) return wanted_frames();
    const std::int64_t whole = w_.memory / std::max<std::int64_t>(1, w_.frame_bytes);
    return std::clamp(static_cast<double>(whole), 1.0, wanted_frames());
  }

  std::string flight_text() const {
    return frame_limit() < wanted_frames() ? "memory" : "frames in progress";
  }

  std::string cores_text() const {
    const double all = w_.per_frame().cpu;
    const StageCost most = costliest_of([](const StageCost& p) { return p.cost.cpu; });
    return fmt::format("{} ({} {:.0f} %)", counted(cores_, "core"), most.name,
                       all > 0 ? 100 * most.cost.cpu / all : 0);
  }
  // The most expensive stage for a thread that takes a frame through all of them.
  std::string costliest() const {
    return costliest_of([&](const StageCost& p) {
             const double spread = mode_ == Mode::tiles ? std::min(p.strips, cores_) : 1;
             return p.cost.cpu / spread + p.cost.wait;
           })
        .name;
  }
  template <class F>
  StageCost costliest_of(F cost) const {
    return std::ranges::max(w_.stage_costs(), {}, cost);
  }

  Prediction told(const Bound& bound) const {
    Prediction p{.wall_seconds = bound.seconds,
                 .cpu_seconds = std::min(cpu(), bound.seconds * cores_),
                 .frames = w_.frames()};
    const int units = std::min<int>(is_graph(mode_) ? slots() : units_at_once(mode_, cores_),
                                    static_cast<int>(loads_.size()));
    count_frames(units, p);
    p.peak_bytes = w_.base_bytes + units * w_.unit_bytes + p.peak_in_progress * w_.frame_bytes;
    p.limit = p.executing() > all_busy * cores_ ? cores_text() : bound.limit;
    return p;
  }

  // By Little's law at least the throughput times a frame's time without queueing. In a graph
  // frames may queue, up to the limit.
  void count_frames(int units, Prediction& p) const {
    double admitted = 0, most = 1;
    for (const Load& load : loads_) {
      const bool spreads = mode_ == Mode::tiles;
      admitted += slower_ * (load.admitted_cpu - (spreads ? load.strips - load.spread : 0)) +
                  load.admitted_wait;
      most = std::max(most, std::min(load.frames, frame_limit()));
    }
    const bool helps = mode_ == Mode::segments && can_help(cores_ - units, cores_);
    const bool queues = is_graph(mode_) || helps;
    const double peak = queues ? units * most : units;
    const double least = std::min(peak, admitted / p.wall_seconds);
    p.in_progress = queues ? std::sqrt(least * peak) : least;
    p.peak_in_progress = static_cast<std::int64_t>(peak);
  }

  const Workload& w_;
  const Mode mode_;
  const int cores_;
  std::vector<Load> loads_;  // of all units
  double work_ = 0;          // CPU seconds of all units
  double around_ = 0;        // CPU seconds to open and finish the inputs
  double slower_ = 1;        // factor for the CPU seconds of the same work
};

}  // namespace

Prediction predict(const Workload& workload, Mode mode, int cores) {
  return Bounds(workload, mode, cores).predict();
}

}  // namespace quadrant
