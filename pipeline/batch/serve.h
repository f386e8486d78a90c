// SPDX-License-Identifier: MIT
// The process of an isolated unit: does what the run that made it asks for, tells how it gets on,
// and ends with it.
#pragma once

#include "pipeline/plan/stage.h"

namespace quadrant {

// `descriptor`: a connected socket; `parent`: the process at its other end. Returns when that hangs
// up.
void serve_unit(int descriptor, int parent, const Catalogue& catalogue);

}  // namespace quadrant
