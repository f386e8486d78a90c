// SPDX-License-Identifier: MIT
#include "stages/stages.h"

namespace quadrant {

const Catalogue& all_stages() {
  static const Catalogue stages{};
  return stages;
}

}  // namespace quadrant
