// SPDX-License-Identifier: MIT
// A stage that gets only what it declared: the rows of its reach around the tile, copied into
// memory of its own where all other rows hold poison. Executors give the first stage of a step the
// whole picture, so they would not show that it reads farther; this does.
//
// It also sees what no comparison of what a stage made could blame on the stage: that it writes
// into its input, which others read too, or beyond its tile, into what others made.
#pragma once

#include <memory>

#include "pipeline/plan/plan.h"

namespace quadrant {

class Breach : public Error {  // of a promise, caught in the act
 public:
  using Error::Error;
};

// `planned` must be a tile stage whose reach is rows. The poison is black or white, changing from
// call to call, so that what takes a minimum stumbles as surely as what takes a maximum. Its calls
// throw Breach.
std::shared_ptr<const Stage> confined(const PlannedStage& planned);

}  // namespace quadrant
