// SPDX-License-Identifier: MIT
#include "pipeline/scaling/bounds.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "pipeline/plan/bounds.h"

namespace quadrant {
namespace {

// Seconds of a unit.
struct Load {
  double frames = 0;   // that are in progress, one after another
  double work = 0;     // CPU, of all threads
  double threads = 0;  // of it, in the encoder's own threads
  double wait = 0;     // one frame after another
  double lane = 0;     // the longest ordered lane, waiting included
  double ends = 0;     // opening the unit and emptying its encoder, while nothing else is to do
  double inside = 0;   // of work and wait, while a frame is in progress
  double strips = 0;   // of work, that `tiles` spreads
  double tiled = 0;    // what the last core to end takes for it

  // What is left of it; its end comes whole.
  Load rest(double share) const {
    Load left = *this;
    for (double* part : {&left.frames, &left.work, &left.threads, &left.wait, &left.lane,
                         &left.inside, &left.strips, &left.tiled})
      *part *= share;
    return left;
  }
};

class Bounds {
 public:
  Bounds(const Workload& workload, Mode mode, int cores)
      : w_(workload), mode_(mode), cores_(runs_on_one_core(mode) ? 1 : cores) {
    for (const ModelInput& input : w_.inputs) {
      around_ += input.open + input.finish;
      for (const ModelUnit& unit : input.units) loads_.push_back(load_of(unit));
    }
    for (const Load& load : loads_) work_ += load.work;
  }

  // Contention depends on the cores that are busy, and these on how long it takes.
  Prediction predict() {
    double seconds = 0, busy = cores_;
    for (int i = 0; i < 4; ++i) {
      slower_ = w_.contention.at(busy);
      seconds = run();
      busy = std::min<double>(cores_, slower_ * (work_ + around_) / seconds);
    }
    return told(seconds);
  }

 private:
  Load load_of(const ModelUnit& unit) const {
    const auto decoded = static_cast<double>(unit.decoded), seen = static_cast<double>(unit.seen);
    const auto frames = static_cast<double>(unit.frames);
    const ModelEncoder& e = w_.encode;
    const double held = std::min<double>(e.held, frames);
    const double decode = decoded * w_.decode;
    const double encode = held * e.filling + frames * e.cpu, threads = frames * e.threads_cpu;
    const double storage_cpu = decoded * w_.read.cpu + frames * w_.write.cpu;
    const double storage_wait = decoded * w_.read.wait + frames * w_.write.wait;
    Load load{.frames = seen,
              .work = decode + encode + threads + storage_cpu,
              .threads = threads,
              .wait = storage_wait,
              .lane = std::max({decode, encode + threads / e.threads, storage_cpu + storage_wait}),
              .ends = held * (e.cpu + e.threads_cpu / std::min(e.threads, cores_)),
              .inside = encode + threads};
    for (const ModelStep& step : w_.steps) add(step, seen, load);
    for (double* cpu : {&load.work, &load.threads, &load.lane, &load.ends, &load.inside,
                        &load.strips, &load.tiled})
      *cpu *= unit.scale;
    load.work += w_.begin;
    load.ends += w_.begin;
    return load;
  }

  void add(const ModelStep& step, double frames, Load& load) const {
    const Cost cost = step.cost();
    load.work += frames * cost.cpu;
    load.wait += frames * cost.wait;
    load.inside += frames * (cost.cpu + cost.wait);
    if (step.kind == ModelStep::Kind::lane) load.lane = std::max(load.lane, frames * cost.cpu);
    if (step.strips == 1) return;
    const int at_once = std::min(cores_, step.strips);
    const double most = std::ceil(static_cast<double>(step.strips) / at_once);
    load.strips += frames * cost.cpu;
    load.tiled += frames * (cost.cpu * most / step.strips + (cores_ > 1 ? w_.spread : 0));
  }

  double run() const {
    if (mode_ == Mode::segments) return segments();
    if (mode_ == Mode::concurrent || mode_ == Mode::frames) return graphs(loads_) + around(slots());
    double seconds = around(1);
    for (const Load& load : loads_) seconds += one_frame(load);
    return std::max(seconds, slower_ * (work_ + around_) / cores_);
  }

  // Inputs are opened and finished on one core each.
  double around(int at_once) const {
    const int inputs = std::max(1, static_cast<int>(w_.inputs.size()));
    return slower_ * around_ / std::min({cores_, at_once, inputs});
  }

  int slots() const {
    const int threads = encoder_threads(w_.encode.threads), most = units_at_once(mode_, cores_);
    return threads > 0 ? std::clamp(encoder_thread_limit(cores_, most) / threads, 1, most) : most;
  }

  double frame_limit() const {
    const double wanted = frames_in_progress(mode_, cores_, w_.waits()) + w_.windows;
    if (w_.memory == 0) return wanted;
    return std::clamp<double>(w_.memory / std::max<std::int64_t>(1, w_.frame_bytes), 1, wanted);
  }

  // A thread brings the unit's frames from the packet to the file, one after another.
  double one_frame(const Load& load) const {
    double caller = slower_ * (load.work - load.threads) + load.wait;
    if (mode_ == Mode::tiles && cores_ > 1)
      caller = load.work - load.threads - load.strips + slower_ * load.tiled + load.wait;
    if (cores_ == 1) return caller + load.threads;
    return std::max(caller, slower_ * load.threads / w_.encode.threads);
  }

  // Units in graphs: the frames of each are wherever there is a core.
  double graphs(const std::vector<Load>& loads) const {
    const int at_once = std::max(1, std::min<int>(slots(), std::ssize(loads)));
    double work = 0, ends = 0, first = 0;  // first: until a frame has waited, nothing else is to do
    std::vector<double> alone;             // of each unit, had it all cores
    for (const Load& load : loads) {
      work += load.work;
      ends += load.ends;
      const double a_frame = (slower_ * load.work + load.wait) / std::max(1.0, load.frames);
      const double flight =
          load.frames * a_frame / std::min(frame_limit(), std::max(1.0, load.frames));
      const double others = 1 - 1 / std::max(1.0, load.frames);  // than the one that ends last
      alone.push_back(std::max(slower_ * load.lane * others + a_frame, flight));
      first = std::max(first, load.wait / std::max(1.0, load.frames));
    }
    const double last = std::min(ends, work);
    const double cores =
        first + slower_ * ((work - last) / cores_ + last / std::min(cores_, at_once));
    return std::max(cores, packed(alone, at_once).back());
  }

  // When each of the workers ends, the first first; they take the heaviest unit that is left.
  static std::vector<double> packed(std::vector<double> units, int workers) {
    std::vector<double> ends(static_cast<std::size_t>(workers));
    std::ranges::sort(units, std::greater());
    for (const double seconds : units) *std::ranges::min_element(ends) += seconds;
    std::ranges::sort(ends);
    return ends;
  }

  // A unit a core; when enough have nothing left to begin, what is left goes on as graphs.
  double segments() const {
    std::vector<double> each;
    for (const Load& load : loads_) each.push_back(one_frame(load));
    const std::vector<double> ends = packed(each, cores_);
    int idle = 1;
    while (!can_help(idle, cores_)) ++idle;
    const double from = ends[static_cast<std::size_t>(idle) - 1];
    std::vector<Load> left;
    for (const double end : ends)
      if (end > from) {
        const Load& any = loads_[std::ranges::max_element(each) - each.begin()];
        left.push_back(any.rest(std::min(1.0, (end - from) / std::ranges::max(each))));
      }
    const double tail = left.empty() ? 0 : graphs(left);
    return std::max(from + tail, slower_ * work_ / cores_) + around(cores_);
  }

  Prediction told(double seconds) const {
    const bool graph = mode_ == Mode::concurrent || mode_ == Mode::frames;
    const double units =
        std::min<double>(graph ? slots() : units_at_once(mode_, cores_), std::ssize(loads_));
    double inside = 0;
    for (const Load& load : loads_) inside += load.inside;
    Prediction p{.wall_seconds = seconds,
                 .cpu_seconds = std::min(slower_ * (work_ + around_), seconds * cores_),
                 .frames = w_.frames()};
    const double most = units * (graph ? frame_limit() : 1);
    p.in_progress = std::min(most, inside / seconds);
    p.peak_in_progress = static_cast<std::int64_t>(most);
    p.peak_bytes = w_.base_bytes + static_cast<std::int64_t>(units) * w_.unit_bytes +
                   p.peak_in_progress * w_.frame_bytes;
    return p;
  }

  const Workload& w_;
  const Mode mode_;
  const int cores_;
  std::vector<Load> loads_;
  double around_ = 0, work_ = 0, slower_ = 1;
};

}  // namespace

Prediction bounded(const Workload& workload, Mode mode, int cores) {
  return Bounds(workload, mode, cores).predict();
}

}  // namespace quadrant
