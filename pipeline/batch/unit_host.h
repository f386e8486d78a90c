// SPDX-License-Identifier: MIT
// One unit of a job, by itself: opens an input, does one part of it or puts its parts together, and
// knows nothing of the batch. Both the process of an isolated unit and `quadrant unit` are this.
#pragma once

#include <memory>
#include <optional>

#include "pipeline/batch/messages.h"
#include "pipeline/media/stop.h"
#include "pipeline/observe/in_progress.h"
#include "pipeline/observe/meter.h"

namespace quadrant {

class UnitHost {
 public:
  UnitHost(const Catalogue& catalogue, const StopFlag& stop) : catalogue_(catalogue), stop_(stop) {}

  // Opens and plans. Throws Error, as all of these.
  Opened open(const OpenOrder& order);
  // Once, and what was open is closed. Writes the file at order.path.
  Made make(const PartOrder& order);
  Made stitch(const StitchOrder& order);

  Figures figures() const;  // at any time, from any thread

 private:
  const Catalogue& catalogue_;
  const StopFlag& stop_;
  std::optional<JobSpec> job_;
  std::optional<Input> input_;
  std::shared_ptr<const Plan> plan_;
  InputMeter meter_;
  ProgressMeter frames_;
};

}  // namespace quadrant
