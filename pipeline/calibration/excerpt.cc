// SPDX-License-Identifier: MIT
#include "pipeline/calibration/excerpt.h"

#include <algorithm>
#include <future>
#include <numeric>

#include "pipeline/execute/one_input.h"

namespace quadrant {
namespace {

std::unique_ptr<Session> session_of(const Excerpt& excerpt, InputMeter& meter,
                                    const StopFlag& stop) {
  return std::make_unique<Session>(Input(excerpt.plan->input.spec(), stop), excerpt.plan,
                                   unit_of(excerpt.segment), meter, nullptr);
}

// Watches the encoder from packet to packet: its cost per frame, and how many frames it holds.
class EncoderWatch {
 public:
  explicit EncoderWatch(InputMeter& meter)
      : encode_(meter.stage(InputMeter::encode, "encode")),
        write_(meter.stage(InputMeter::write, "write")) {}

  void look() {
    const std::int64_t calls = encode_.calls(), more = calls - calls_;
    const double cpu = encode_.cpu_seconds();
    for (std::int64_t i = 0; i < more; ++i)
      pushes_.push_back((cpu - cpu_) / static_cast<double>(more));
    calls_ = calls;
    cpu_ = cpu;
    held_ = std::max(held_, static_cast<int>(calls - write_.calls()));
  }

  int held() const { return held_; }
  double filling_cpu() const {
    const auto end = pushes_.begin() + std::min<std::ptrdiff_t>(held_, std::ssize(pushes_));
    return std::accumulate(pushes_.begin(), end, 0.0);
  }

 private:
  const StageMeter &encode_, &write_;
  std::int64_t calls_ = 0;
  double cpu_ = 0;
  int held_ = 0;
  std::vector<double> pushes_;  // CPU seconds for each frame it took
};

void take_sums(const InputMeter& meter, ExcerptCosts& costs) {
  for (const auto& [index, stage] : meter.meters())
    costs.stages[index] = {stage->cpu_seconds(), stage->wait_seconds()};
  costs.packets = meter.packets_in;
  costs.frames = meter.frames_out;
}

}  // namespace

ExcerptCosts run_excerpt(const Excerpt& excerpt,
                         const std::function<bool(std::int64_t packets)>& goes_on,
                         const StopFlag& stop) {
  ExcerptCosts costs;
  InputMeter meter;
  ProgressMeter frames;
  const double start = thread_cpu_seconds();
  std::unique_ptr<Session> session = session_of(excerpt, meter, stop);
  session->open({});
  EncoderWatch encoder(meter);
  const double began = thread_cpu_seconds(), began_process = process_cpu_seconds();
  const Runtime runtime{frames, stop};
  run_one_frame_at_a_time(std::move(session), {one_after_another(), one_after_another()}, runtime,
                          [&] {
                            encoder.look();
                            return goes_on(meter.packets_in);
                          });
  take_sums(meter, costs);
  costs.begin_cpu = began - start;
  costs.cpu = thread_cpu_seconds() - began;
  costs.process_cpu = process_cpu_seconds() - began_process;
  costs.held = encoder.held();
  costs.filling_cpu = encoder.filling_cpu();
  return costs;
}

double cpu_at_once(const std::vector<const Excerpt*>& excerpts, const StopFlag& stop) {
  std::vector<std::future<double>> threads;
  for (const Excerpt* excerpt : excerpts)
    threads.push_back(std::async(std::launch::async, [&stop, excerpt] {
      return run_excerpt(
                 *excerpt, [](std::int64_t) { return true; }, stop)
          .cpu;
    }));
  double cpu = 0;
  for (auto& thread : threads) cpu += thread.get();
  return cpu;
}

ExcerptCosts run_excerpt_in_tiles(const Excerpt& excerpt, int cores, const StopFlag& stop) {
  ExcerptCosts costs;
  InputMeter meter;
  ProgressMeter frames;
  std::unique_ptr<Session> session = session_of(excerpt, meter, stop);
  const double began = process_cpu_seconds();
  tiles_executor({frames, stop, cores})->run(std::move(session), {});
  take_sums(meter, costs);
  costs.process_cpu = process_cpu_seconds() - began;
  return costs;
}

double ExcerptCosts::cpu_in_stages() const {
  double told = 0;
  for (const auto& [index, sum] : stages) told += sum.cpu;
  return told;
}

}  // namespace quadrant
