// SPDX-License-Identifier: MIT
// The measurement by which `auto` chooses a mode in a run: a few frames are measured, and the
// predictions that `advise` makes from them are compared. Once for each kind of input in a batch,
// and only for batches so long that the time for it does not matter.
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
  // False for short batches, inputs over the network, and one core: there the plan alone decides.
  static bool is_worth_it(const Plan& plan);

  // The mode for a plan that is worth it: the plan's own, unless another one is clearly faster.
  // Nothing if the plan alone must decide. Waits while another thread measures. Thread-safe. Throws
  // Error(stopped).
  std::optional<ModeChoice> ask(const Plan& plan);

 private:
  ModeChoice choose(const Plan& plan);

  const StopFlag& stop_;
  std::mutex mutex_;
  std::map<std::string, Workload> costs_;                              // by kind of input
  std::map<std::pair<std::string, std::size_t>, ModeChoice> choices_;  // also by segments
};

}  // namespace quadrant
