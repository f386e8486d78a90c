// SPDX-License-Identifier: MIT
// Rectangles of pictures in memory, in any pixel format of whole bytes, RGB and packed ones too.
#pragma once

#include "pipeline/contract/frame.h"

namespace quadrant {

struct Area {  // in luma samples, on the grid of the format
  int x = 0, y = 0, width = 0, height = 0;
};

// Steps, in luma samples, at which an area may begin in every plane, and in whole bytes.
int column_grid(const PixelFormat& pixels);
int row_grid(const PixelFormat& pixels);

// Copies `area` of `from` into `to`, at x and y. Both have the same pixel format.
void copy_area(const Frame& from, const Area& area, const Frame& to, int x, int y);
// Makes the whole picture black (av_image_fill_black). Throws Error(input) where the pixel format
// has no black.
void blacken(const Frame& frame);

// Do the rows begin where libav's SIMD code expects it, from top to bottom?
bool is_laid_out_for_simd(const Frame& frame);

}  // namespace quadrant
