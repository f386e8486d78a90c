// SPDX-License-Identifier: MIT
// Encoded and copied packets in, a file out. The calls come in one order in every mode, so
// libavformat interleaves alike and the bytes are the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/media/encode.h"
#include "pipeline/media/input.h"
#include "pipeline/media/output_plan.h"
#include "pipeline/media/transcoder.h"

namespace quadrant {

// A packet on its way to the muxer, and its origin.
struct Coded {
  enum class Kind { copied, video, transcoded } kind = Kind::copied;
  Packet packet;
};

class Muxer {
 public:
  // Adds a stream for each one that `plan` keeps. Writes nothing yet.
  Muxer(const Input& input, const OutputPlan& plan, const Encoder& video,
        const Transcoders& others);
  ~Muxer();
  Muxer(Muxer&&) noexcept;

  // Creates `path` and writes the header. Throws Error with the path and the cause.
  void open(const std::string& path);
  // Writes the header into memory, to find out whether the container takes all streams.
  void try_header();

  void write(const Coded& coded);  // may wait for storage
  // Must `a` be decoded no later than `b`? A packet without a decoding time comes first.
  bool comes_first(const Coded& a, const Coded& b) const;
  void finish();  // writes the trailer and closes the file

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

bool needs_global_header(const std::string& container);
// Can a file of this container hold `stream` of the input as it is?
bool can_copy(const Input& input, int stream, const std::string& container);

}  // namespace quadrant
