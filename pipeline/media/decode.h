// SPDX-License-Identifier: MIT
// Packets of the video stream in, frames in order of presentation out.
//
// The decoder always has one thread, in every mode: with frame threads a damaged stream is
// concealed differently from run to run, and law 1 holds for damaged input too. Decoding beside
// processing and encoding, and several inputs at once, is what keeps the other cores busy.
#pragma once

#include <functional>
#include <memory>

#include "pipeline/media/input.h"
#include "pipeline/media/log.h"

namespace quadrant {

class Frame;

class Decoder {
 public:
  // For info().video of `input`. Throws Error(input) where there is no decoder for it.
  explicit Decoder(const Input& input);
  ~Decoder();
  Decoder(Decoder&&) noexcept;

  // An empty packet says that the input ended. Frames have the packets' own timestamps, none
  // before the one that was given last. Packets that cannot be decoded are counted.
  void decode(const Packet& packet, const std::function<void(Frame)>& emit);
  std::int64_t errors() const;     // packets libavcodec refused so far
  Diagnostics take_diagnostics();  // what it said of them and others since the last call

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quadrant
