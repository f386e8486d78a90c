// SPDX-License-Identifier: MIT
#include "stages/stages.h"

namespace quadrant {

// Each is defined in the file with its name.
StageInfo bilateral_stage();
StageInfo blur_stage();
StageInfo clahe_stage();
StageInfo crop_stage();
StageInfo curves_stage();
StageInfo deflicker_stage();
StageInfo deinterlace_stage();
StageInfo denoise_stage();
StageInfo edges_stage();
StageInfo every_stage();
StageInfo fade_stage();
StageInfo exec_stage();
StageInfo ffmpeg_stage();
StageInfo fit_stage();
StageInfo flip_stage();
StageInfo fps_stage();
StageInfo grain_stage();
StageInfo grayscale_stage();
StageInfo levels_stage();
StageInfo lut3d_stage();
StageInfo mask_stage();
StageInfo median_stage();
StageInfo overlay_stage();
StageInfo pad_stage();
StageInfo perspective_stage();
StageInfo python_stage();
StageInfo redact_stage();
StageInfo reverse_stage();
StageInfo rotate_stage();
StageInfo saturation_stage();
StageInfo scale_stage();
StageInfo sharpen_stage();
StageInfo temporal_denoise_stage();
StageInfo tonemap_stage();
StageInfo undistort_stage();
StageInfo vignette_stage();
StageInfo wait_stage();
StageInfo white_balance_stage();

const Catalogue& all_stages() {
  static const Catalogue stages{
      // point
      levels_stage(),
      saturation_stage(),
      grayscale_stage(),
      curves_stage(),
      lut3d_stage(),
      tonemap_stage(),
      white_balance_stage(),
      vignette_stage(),
      grain_stage(),
      fade_stage(),
      overlay_stage(),
      mask_stage(),
      // halo
      blur_stage(),
      sharpen_stage(),
      median_stage(),
      denoise_stage(),
      bilateral_stage(),
      edges_stage(),
      redact_stage(),
      // geometry
      scale_stage(),
      fit_stage(),
      crop_stage(),
      pad_stage(),
      flip_stage(),
      rotate_stage(),
      perspective_stage(),
      undistort_stage(),
      // whole frame
      clahe_stage(),
      // time
      deinterlace_stage(),
      temporal_denoise_stage(),
      deflicker_stage(),
      fps_stage(),
      every_stage(),
      reverse_stage(),
      // other libraries
      wait_stage(),
      ffmpeg_stage(),
      python_stage(),
      exec_stage(),
  };
  return stages;
}

}  // namespace quadrant
