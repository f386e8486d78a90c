// SPDX-License-Identifier: MIT
// What `auto` asks before it picks: a rehearsal of a few frames, and the simulation that `advise`
// tells of. Once for each kind of input in a batch, and only where the batch is so long that it
// does not matter.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "pipeline/media/stop.h"
#include "pipeline/plan/choose.h"
#include "pipeline/scaling/workload.h"

namespace quadrant {

class Forecast {
 public:
  explicit Forecast(const StopFlag& stop) : stop_(stop) {}

  // The fastest mode for this plan among others like it; nothing where the plan alone has to tell:
  // short batches, inputs that can be read only once, one core. Waits while another thread
  // rehearses. Thread-safe. Throws Error(stopped).
  std::optional<ModeChoice> ask(const Plan& plan);

 private:
  ModeChoice choose(const Plan& plan);

  const StopFlag& stop_;
  std::mutex mutex_;
  std::map<std::string, Workload> costs_;                              // by what is done
  std::map<std::pair<std::string, std::size_t>, ModeChoice> choices_;  // and by segments
};

}  // namespace quadrant
