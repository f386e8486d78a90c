// SPDX-License-Identifier: MIT
#include "pipeline/scaling/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace quadrant {
namespace {

constexpr double as_good = 0.95;        // relative to the fastest
constexpr double worth_telling = 1.03;  // relative to the recommended

double fps_of(const Workload& w, Mode mode, int cores) { return predict(w, mode, cores).fps(); }

int most_cores(const std::vector<PredictedCell>& cells) {
  return std::ranges::max(cells, {}, [](const PredictedCell& c) { return c.cell.cores; })
      .cell.cores;
}

// The fastest possible mode with that many cores.
WhatIf best_with(const std::string& change, const Workload& w, int cores,
                 const Obstacle& obstacle) {
  WhatIf best{.change = change};
  for (Mode mode :
       {Mode::sequential, Mode::concurrent, Mode::tiles, Mode::frames, Mode::segments}) {
    if (!obstacle(mode).empty()) continue;
    const double fps = fps_of(w, mode, cores);
    if (fps > best.fps) best.fps = fps, best.best = {mode, runs_on_one_core(mode) ? 1 : cores};
  }
  return best;
}

class WhatIfs {
 public:
  WhatIfs(const Workload& workload, int cores, double now, const Obstacle& obstacle)
      : w_(workload), cores_(cores), now_(now), obstacle_(obstacle) {}

  std::vector<WhatIf> all(const std::vector<Change>& changes) {
    for (const Change& change : changes) add(change.name, change.workload, cores_);
    for (const Change& change : each_stage(w_, 0.5))
      add(fmt::format("{} twice as fast", change.name), change.workload, cores_);
    add("one more core", w_, cores_ + 1);
    add("twice the cores", w_, 2 * cores_);
    Workload roomy = w_;
    roomy.memory *= 2;
    if (w_.memory > 0) add("twice the memory for frames in progress", roomy, cores_);
    const int threads = w_.encode.threads > 1 ? 2 * w_.encode.threads : 2;
    add(fmt::format("output.video.threads: {}", threads), with_encoder_threads(w_, threads),
        cores_);
    if (w_.piece_frames > 0)
      add(fmt::format("output.video.segment: {:g}", w_.piece_seconds),
          with_segments(with_encoder_threads(w_, 1), w_.piece_frames), cores_);
    if (w_.encode.threads > 1) add("output.video.threads: 1", with_encoder_threads(w_, 1), cores_);
    std::ranges::stable_sort(all_, std::greater(), &WhatIf::gain);
    return std::move(all_);
  }

 private:
  void add(const std::string& change, const Workload& workload, int cores) {
    WhatIf what = best_with(change, workload, cores, obstacle_);
    what.gain = now_ > 0 ? what.fps / now_ : 1;
    if (what.gain >= worth_telling) all_.push_back(what);
  }

  const Workload& w_;
  int cores_;
  double now_;
  const Obstacle& obstacle_;
  std::vector<WhatIf> all_;
};

std::string times(double factor) { return fmt::format("{:.2f} times", factor); }

std::string bound_by(const Workload& w) {
  const Cost one = w.per_frame();
  const double share = one.wait / std::max(1e-12, one.cpu + one.wait);
  const std::string figures =
      fmt::format("a frame computes {:.2f} ms and waits {:.2f} ms", one.cpu * 1e3, one.wait * 1e3);
  if (share > 0.5) return fmt::format("The job is I/O-bound: {}.", figures);
  if (share > 0.1) return fmt::format("The job is both CPU-bound and I/O-bound: {}.", figures);
  return fmt::format("The job is CPU-bound: {}.", figures);
}

std::string concurrency(const Workload& w) {
  const double gain = fps_of(w, Mode::concurrent, 1) / fps_of(w, Mode::sequential, 1);
  if (gain > 1.05)
    return fmt::format(
        "Concurrency: yes. On one core, many frames in progress make it {} as fast, because a "
        "frame that waits holds no core.",
        times(gain));
  return "Concurrency on one core: no. Nothing waits for long, so more frames in progress would "
         "only wait for the core.";
}

std::string parallelism(const Workload& w, int cores, const Obstacle& obstacle) {
  if (cores == 1) return "Parallelism: not with one core.";
  const WhatIf one = best_with("", w, 1, obstacle), all = best_with("", w, cores, obstacle);
  const double gain = all.fps / one.fps;
  if (gain < 1.05)
    return fmt::format("Parallelism: no. {} cores make it {} as fast as one does.", cores,
                       times(gain));
  return fmt::format("Parallelism: yes. {} cores make it {} as fast as one does, in mode {}.",
                     cores, times(gain), name_of(all.best.mode));
}

}  // namespace

std::size_t recommended_of(const std::vector<PredictedCell>& cells,
                           const std::vector<Mode>& preference) {
  double fastest = 0;
  for (const PredictedCell& c : cells) fastest = std::max(fastest, c.prediction.fps());
  const auto rank = [&](std::size_t i) {
    const PredictedCell& c = cells[i];
    const auto preferred = std::ranges::find(preference, c.cell.mode) - preference.begin();
    return std::tuple(c.prediction.fps() < as_good * fastest, c.cell.cores, preferred,
                      -c.prediction.fps());
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < cells.size(); ++i)
    if (rank(i) < rank(best)) best = i;
  return best;
}

std::vector<Mode> preference_for(const Workload& workload, int cores) {
  std::size_t units = 0;
  for (const ModelInput& input : workload.inputs) units += input.units.size();
  std::vector<Mode> order{Mode::sequential, Mode::concurrent, Mode::segments, Mode::frames,
                          Mode::tiles};
  if (std::cmp_less(units, cores)) std::swap(order[2], order[3]);
  return order;
}

std::vector<PredictedCell> predict(const Workload& workload, const std::vector<Cell>& cells,
                                   const Obstacle& obstacle) {
  std::vector<PredictedCell> predicted;
  for (const Cell& cell : cells) {
    PredictedCell& p = predicted.emplace_back(PredictedCell{.cell = cell});
    p.impossible = obstacle(cell.mode);
    if (!p.impossible.empty()) continue;
    p.prediction = predict(workload, cell.mode, cell.cores);
  }
  return predicted;
}

Advice advise(const Workload& workload, const std::vector<Cell>& cells, const Obstacle& obstacle,
              const std::vector<Change>& changes) {
  Advice advice{.cells = predict(workload, cells, obstacle)};
  const int cores = most_cores(advice.cells);
  advice.recommended = recommended_of(advice.cells, preference_for(workload, cores));
  advice.summary = {bound_by(workload), concurrency(workload),
                    parallelism(workload, cores, obstacle)};
  advice.what_ifs = WhatIfs(workload, cores, advice.best().prediction.fps(), obstacle).all(changes);
  return advice;
}

}  // namespace quadrant
