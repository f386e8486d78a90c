// SPDX-License-Identifier: MIT
// A part of a joined input, looked at before any of it is processed: what it holds, and how long
// it lasts.
#pragma once

#include <cstdint>
#include <memory>

#include "pipeline/media/input.h"
#include "pipeline/media/part.h"

namespace quadrant {

struct DescribedInput {
  InputSpec spec;
  InputInfo info;
  MadeContext context;         // its streams and chapters, as its own Input has them
  av::FramePtr first_picture;  // null: not looked at
  bool is_seekable = false;
  Input::Ticks pictures, sound;  // that are taken: ticks of the video stream, of AV_TIME_BASE
  std::int64_t length = 0;       // in AV_TIME_BASE ticks, of its longest stream of picture or sound
};

// Opens it and reads its end, or all of it where the end cannot be found. A file that did not
// change since is looked at once a process. Throws like Input.
std::shared_ptr<const DescribedInput> describe(const InputSpec& spec, const StopFlag& stop);

}  // namespace quadrant
