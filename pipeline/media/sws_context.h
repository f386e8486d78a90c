// SPDX-License-Identifier: MIT
// A libswscale context with complete information about both pictures. Only media/ includes this.
#pragma once

#include <memory>

extern "C" {
#include <libswscale/swscale.h>
}

#include "pipeline/contract/format.h"
#include "pipeline/media/scaler.h"

namespace quadrant {

struct FreeSwsContext {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};
using SwsContextPtr = std::unique_ptr<SwsContext, FreeSwsContext>;

// Throws Error(input) if libswscale cannot convert between the two formats.
SwsContextPtr make_sws_context(const Format& in, const Format& out, ScaleMethod method);

// yuvj420p is yuv420p with a range in its name, which libswscale warns about: returns the plain
// name.
PixelFormat plain_pixels(PixelFormat pixels);

// The matrix of `side`; if unspecified, the other side's; if neither has one, the likely one for
// the size. Such a guess is used only for the conversion.
int matrix_of(const Format& side, const Format& other);

// Position of the first chroma sample, in 1/256 luma samples.
struct ChromaPosition {
  int x, y;
};
ChromaPosition chroma_position(const Format& f);

}  // namespace quadrant
