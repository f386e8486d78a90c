// SPDX-License-Identifier: MIT
// A libswscale context that was told the whole truth about both pictures. Only media/ includes
// this.
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

// Throws Error(input) where libswscale cannot convert between the two formats.
SwsContextPtr make_sws_context(const Format& in, const Format& out, ScaleMethod method);

// yuvj420p is yuv420p with a range of its own, which libswscale warns of: the plain name.
PixelFormat plain_pixels(PixelFormat pixels);

// The matrix of `side`; where it does not say, the other side's; where neither does, what the field
// assumes by the size. A guess for the conversion only.
int matrix_of(const Format& side, const Format& other);

// Of the first chroma sample, in 1/256 luma samples.
struct ChromaPosition {
  int x, y;
};
ChromaPosition chroma_position(const Format& f);

}  // namespace quadrant
