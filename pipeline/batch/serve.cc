// SPDX-License-Identifier: MIT
#include "pipeline/batch/serve.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <thread>

#include "pipeline/batch/retry.h"
#include "pipeline/batch/unit_host.h"
#include "pipeline/batch/wire.h"

namespace quadrant {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds tell_interval{100};

// When the run dies, however it dies, so does this process: the kernel sees to it.
void end_with(int parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before that
}

// If memory runs out, better a unit than the run.
void offer_to_oom_killer() { std::ofstream("/proc/self/oom_score_adj") << "500"; }

// Sends the figures now and then, for as long as it lives.
class Teller {
 public:
  Teller(Wire& wire, const UnitHost& host)
      : thread_([this, &wire, &host] {
          std::unique_lock lock(mutex_);
          while (!wake_.wait_for(lock, tell_interval, [&] { return ended_; }))
            wire.send({{"figures", host.figures()}});
        }) {}
  ~Teller() {
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
  if (order.contains("part")) return {{"made", host.make(order["part"].get<PartOrder>())}};
  return {{"made", host.stitch(order.at("stitch").get<StitchOrder>())}};
}

json answer_or_fault(UnitHost& host, const json& order) {
  try {
    return answer(host, order);
  } catch (...) {
    const std::exception_ptr failure = std::current_exception();
    return {{"failed", Failed{fault_of(failure), what_of(failure)}}};
  }
}

}  // namespace

void serve_unit(int descriptor, int parent, const Catalogue& catalogue) {
  end_with(parent);
  offer_to_oom_killer();
  const StopFlag stop;  // whoever wants this process to stop kills it
  Wire wire(descriptor);
  UnitHost host(catalogue, stop);
  while (const std::optional<json> order = wire.receive(-1)) {
    json told;
    {
      const Teller teller(wire, host);
      told = answer_or_fault(host, *order);
    }
    if (!wire.send(told)) return;
  }
}

}  // namespace quadrant
