// SPDX-License-Identifier: MIT
// A packet of one stream as stored in the container: a shared handle to a reference-counted libav
// packet. Times are in the owner's time base: the input stream's until the muxer rescales them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

struct AVPacket;

namespace quadrant {

class Packet {
 public:
  Packet() = default;  // empty: the end of a stream
  explicit Packet(std::shared_ptr<AVPacket> av) : av_(std::move(av)) {}

  explicit operator bool() const { return av_ != nullptr; }
  int stream() const;          // index of the stream in its container
  std::int64_t bytes() const;  // payload
  std::optional<std::int64_t> pts() const;
  bool is_hidden() const;  // needed only to decode others

  AVPacket* av() const { return av_.get(); }  // for media/

 private:
  std::shared_ptr<AVPacket> av_;
};

}  // namespace quadrant
