// SPDX-License-Identifier: MIT
#include "stages/stages.h"

namespace quadrant {

// Each is defined in the file of its name.
StageInfo blur_stage();
StageInfo levels_stage();
StageInfo median_stage();
StageInfo saturation_stage();
StageInfo sharpen_stage();

const Catalogue& all_stages() {
  static const Catalogue stages{
      levels_stage(), saturation_stage(),                  // point
      blur_stage(),   sharpen_stage(),    median_stage(),  // halo
  };
  return stages;
}

}  // namespace quadrant
