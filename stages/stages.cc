// SPDX-License-Identifier: MIT
#include "stages/stages.h"

namespace quadrant {

// Each is defined in the file with its name.
StageInfo blur_stage();
StageInfo clahe_stage();
StageInfo crop_stage();
StageInfo deflicker_stage();
StageInfo denoise_stage();
StageInfo ffmpeg_stage();
StageInfo flip_stage();
StageInfo levels_stage();
StageInfo median_stage();
StageInfo pad_stage();
StageInfo rotate_stage();
StageInfo saturation_stage();
StageInfo scale_stage();
StageInfo sharpen_stage();
StageInfo temporal_denoise_stage();
StageInfo wait_stage();

const Catalogue& all_stages() {
  static const Catalogue stages{
      levels_stage(),
      saturation_stage(),  // point
      blur_stage(),
      sharpen_stage(),  //
      median_stage(),
      denoise_stage(),  // halo
      scale_stage(),
      crop_stage(),  //
      pad_stage(),
      flip_stage(),    //
      rotate_stage(),  // geometry
      clahe_stage(),   // whole frame
      temporal_denoise_stage(),
      deflicker_stage(),  // time
      wait_stage(),
      ffmpeg_stage(),  // other libraries
  };
  return stages;
}

}  // namespace quadrant
