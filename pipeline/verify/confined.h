// SPDX-License-Identifier: MIT
// A stage that gets only what it declared: the rows of its reach around the tile, copied into
// separate memory where all other rows hold poison. Executors give the first stage of a step the
// whole picture, so they would not reveal that it reads farther; this does.
//
// It also detects what no comparison of results could blame on the stage: writes into its input,
// which others read too, or beyond its tile, into what others made.
#pragma once

#include <memory>

#include "pipeline/plan/plan.h"

namespace quadrant {

class Breach : public Error {  // of a promise, caught in the act
 public:
  using Error::Error;
};

// `planned` must be a tile stage with a reach in rows. The poison is black or white, changing from
// call to call, so that it affects a minimum as surely as a maximum. Calls throw Breach.
std::shared_ptr<const Stage> confined(const PlannedStage& planned);

}  // namespace quadrant
