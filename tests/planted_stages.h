// SPDX-License-Identifier: MIT
// Stages that break a promise, each in one way that real ones do, for the tests of verify.
#pragma once

#include "pipeline/contract/stage.h"

namespace quadrant::test {

// The real stages, and:
//   shared_scratch  smooths in a buffer that all its calls share: a race
//   false_reach     declares to read one row around, and reads `reads`
//   false_order     declares any order, and remembers the tile before
//   false_warm_up   declares to forget after one frame, and forgets slowly
//   false_target    smooths its input in place and copies it: writes into what others read
//   false_tile      fills one row more than it was asked for
//   one_sample      adds one to the sample 7,20 of plane 0 of the frame whose samples are all 5,
//                   unless it makes the whole picture at once
const Catalogue& planted_stages();

}  // namespace quadrant::test
