// SPDX-License-Identifier: MIT
// Which streams of an opened input are taken: the video to process, and those that a job names.
#pragma once

#include "pipeline/input_spec.h"
#include "pipeline/media/input.h"

struct AVFormatContext;

namespace quadrant {

// Sets info.video, -1 if there is none, and marks the streams that are not taken, in `info` and for
// the demuxer. Throws Error(input) where the input has no stream that `taken` names.
void take_streams(const Selection& taken, AVFormatContext& context, InputInfo& info);

}  // namespace quadrant
