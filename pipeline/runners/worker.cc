// SPDX-License-Identifier: MIT
#include "pipeline/runners/worker.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <opencv2/core/utility.hpp>
#include <thread>

#include "pipeline/begin_thread.h"
#include "pipeline/contract/stage.h"
#include "pipeline/failure.h"
#include "pipeline/observe/report.h"
#include "pipeline/runners/message_socket.h"

namespace quadrant {

UnitHost::UnitHost(const Catalogue& catalogue, const StopFlag& stop)
    : catalogue_(catalogue), stop_(stop), attempt_(stop, meter_, stalled_) {}

Opened UnitHost::open(const OpenOrder& order) {
  cv::setNumThreads(0);  // OpenCV runs in the calling thread; strips are parallel already
  job_ = read_job(order.job.name, order.job.yaml, catalogue_, order.job.overrides);
  executors_.emplace(frames_, stop_);
  runner_.emplace(*job_, *executors_);
  input_ = runner_->input(order, nullptr);
  return input_->open(attempt_);
}

Answer UnitHost::run(const UnitOrder& order) {
  UnitResult result = input_->run(order, attempt_);
  return {metrics(), std::move(result)};
}

Answer UnitHost::stitch(const StitchOrder& order) {
  input_->stitch(order, attempt_);
  return {.metrics = metrics()};
}

Metrics UnitHost::metrics() const {
  Metrics now{.packets_in = meter_.packets_in,
              .frames_in = meter_.frames_in,
              .frames_out = meter_.frames_out,
              .packets_out = meter_.packets_out,
              .decode_errors = meter_.decode_errors,
              .moves = stop_.moves() + attempt_.stop.moves(),
              .in_progress = frames_.now(),
              .in_progress_peak = frames_.peak(),
              .frame_seconds = frames_.frame_seconds(),
              .backpressure_ns = meter_.backpressure_ns(),
              .cpu_seconds = process_cpu_seconds(),
              .rss_bytes = rss_bytes(),
              .threads = thread_count()};
  for (const auto& [state, ns] : frames_.state_ns())
    now.states.push_back({state.node, static_cast<int>(state.kind), state.at, ns});
  for (const auto& [index, stage] : meter_.meters())
    now.stages[index] = {stage->name(), stage->calls(), stage->cpu_ns(), stage->wait_ns()};
  return now;
}

namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds tell_interval{100};

// The kernel kills this process when the job dies, however it dies.
void end_with(int parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // the job died before prctl()
}

// If memory runs out, the kernel should kill a unit rather than the job.
void offer_to_oom_killer() { std::ofstream("/proc/self/oom_score_adj") << "500"; }

// Sends the metrics periodically, as long as it lives.
class Heartbeat {
 public:
  Heartbeat(MessageSocket& socket, const UnitHost& host)
      : thread_(begin_thread([this, &socket, &host] {
          std::unique_lock lock(mutex_);
          while (!wake_.wait_for(lock, tell_interval, [&] { return ended_; }))
            socket.send({{"metrics", host.metrics()}});
        })) {}
  ~Heartbeat() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  std::thread thread_;
};

json answer(UnitHost& host, const json& order) {
  if (order.contains("open")) return {{"opened", host.open(order["open"].get<OpenOrder>())}};
  if (order.contains("unit")) return {{"done", host.run(order["unit"].get<UnitOrder>())}};
  return {{"done", host.stitch(order.at("stitch").get<StitchOrder>())}};
}

json answer_or_fault(MessageSocket& socket, UnitHost& host, const json& order) {
  try {
    const Heartbeat heartbeat(socket, host);
    return answer(host, order);
  } catch (...) {
    const std::exception_ptr failure = std::current_exception();
    return {{"failed", Failed{fault_of(failure), what_of(failure)}}};
  }
}

}  // namespace

void serve_units(int descriptor, int parent, const Catalogue& catalogue) {
  end_with(parent);
  offer_to_oom_killer();
  const StopFlag stop;  // a job stops this process by killing it
  MessageSocket socket(descriptor);
  UnitHost host(catalogue, stop);
  while (const std::optional<json> order = socket.receive(-1)) {
    if (!socket.send(answer_or_fault(socket, host, *order))) return;
  }
}

}  // namespace quadrant
