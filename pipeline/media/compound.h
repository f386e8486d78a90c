// SPDX-License-Identifier: MIT
// What lies below an Input that is made of several: it gives packets of one clock and one set of
// streams, and each packet tells its part.
#pragma once

#include <cstdint>
#include <memory>

#include "pipeline/media/input.h"
#include "pipeline/media/part.h"
#include "pipeline/media/segment.h"

namespace quadrant {

class Compound {
 public:
  virtual ~Compound() = default;
  // The next packet, on the input's clock, which starts at 0; false at the end. Throws as
  // Input::read() does.
  virtual bool read(AVPacket& packet) = 0;
  // As Input::seek().
  virtual bool seek(std::int64_t time) = 0;
  virtual bool is_seekable() const = 0;
  // The packets of the video stream, as read() would give them.
  virtual PacketScan scan() const = 0;
  // Until when a stream of sound is silent after its last packet, in AV_TIME_BASE ticks of the
  // input's clock; INT64_MIN: it just ends.
  virtual std::int64_t silent_until(int stream) const = 0;

  MadeContext context;
  InputInfo info;
  av::FramePtr first_picture;  // its properties; see Input::first_picture()
  Diagnostics diagnostics;     // since the last call
};

std::unique_ptr<Compound> open_pictures(const InputSpec& spec, const StopFlag& stop);
std::unique_ptr<Compound> open_joined(const InputSpec& spec, const StopFlag& stop);
// Null for an input that is one file, or whatever libavformat opens as one.
std::unique_ptr<Compound> open_compound(const InputSpec& spec, const StopFlag& stop);

}  // namespace quadrant
