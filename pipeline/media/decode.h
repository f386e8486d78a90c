// SPDX-License-Identifier: MIT
// Packets of the video stream in, frames in order of presentation out.
//
// The decoder has one thread in every mode: with frame threads a damaged stream is concealed
// differently from run to run, and law 1 holds for damaged input too. The other cores work on
// processing and encoding at the same time, and on other inputs.
#pragma once

#include <functional>
#include <memory>

#include "pipeline/media/input.h"
#include "pipeline/media/log.h"

namespace quadrant {

class Frame;

// Does the decoder say that parts of the picture are concealed or missing?
bool is_damaged(const Frame& frame);

class Decoder {
 public:
  // For info().video of `input`. Throws Error(input) if there is no decoder for it.
  explicit Decoder(const Input& input);
  ~Decoder();
  Decoder(Decoder&&) noexcept;

  // An empty packet marks the end of the input. Frames have the packets' own timestamps, which
  // never decrease. Packets that cannot be decoded are counted.
  void decode(const Packet& packet, const std::function<void(Frame)>& emit);
  std::int64_t errors() const;  // packets that libavcodec refused so far
  // Packets that are shown before the first frame and gave none: they need one that is missing.
  std::int64_t skipped_at_start() const;
  // Of the frame that was emitted last: was its time told, or made up?
  enum class TimeOf { told, missing, repeated };
  TimeOf time_of_frame() const;
  Diagnostics take_diagnostics();  // its error messages since the last call

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quadrant
