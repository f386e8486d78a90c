// SPDX-License-Identifier: MIT
// What `auto` asks in a run before it picks: a few frames are measured, and the predictions that
// `advise` makes of them compared. Once for each kind of input in a batch, and only where the batch
// is so long that it does not matter.
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

  static constexpr int measured_frames = 12;
  // Not short batches, inputs over the network, or one core: there the plan alone tells.
  static bool is_worth_it(const Plan& plan);

  // The mode for this plan among others like it, which is worth it: the plan's own, unless another
  // is clearly faster. Nothing where the plan alone has to tell. Waits while another thread
  // measures. Thread-safe. Throws Error(stopped).
  std::optional<ModeChoice> ask(const Plan& plan);

 private:
  ModeChoice choose(const Plan& plan);

  const StopFlag& stop_;
  std::mutex mutex_;
  std::map<std::string, Workload> costs_;                              // by what is done
  std::map<std::pair<std::string, std::size_t>, ModeChoice> choices_;  // and by segments
};

}  // namespace quadrant
