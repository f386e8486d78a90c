// SPDX-License-Identifier: MIT
// The units of a planned run: what `quadrant plan` writes, a line each, and every other command of
// a run over many machines reads. A unit is a part of an input: a segment of its video, or the rest
// of a cut one, or all of one that is not cut. Which units there are follows from the inputs'
// contents, the configuration and the versions alone, so two machines that plan write the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/batch/journal.h"
#include "pipeline/batch/share.h"
#include "pipeline/plan/plan.h"

namespace quadrant {

struct PlannedUnit {
  std::string id;             // of what the unit depends on: SegmentStore::id()
  std::string input, output;  // as the user gave them
  JobKey key;                 // by shared_key()
  Part part;
  std::optional<double> from, to;  // seconds of a segment; none at the input's beginning and end
  double cost = 0;          // million samples of luma that are decoded and encoded, as an estimate
  std::int64_t memory = 0;  // bytes that doing it alone may take, as an estimate

  std::string stretch() const;  // "segment 3, 20.000 s to 30.000 s"
};

std::vector<PlannedUnit> units_of(const Plan& plan, const JobKey& key);

std::string to_line(const PlannedUnit& unit);  // JSON, without its end
// Throws Error(usage), the reason only, if that is no line of a plan, or one that was changed.
PlannedUnit unit_of_line(const std::string& line);

// Of the units of each input, in their order; `chosen` are those that are to be done.
std::vector<std::shared_ptr<const InputShare>> shares_of(const std::vector<PlannedUnit>& all,
                                                         const std::vector<PlannedUnit>& chosen,
                                                         const InputShare& common);

}  // namespace quadrant
