// SPDX-License-Identifier: MIT
// A numbered, timed picture: a shared handle to a reference-counted libav frame. Copying a Frame
// copies the handle, not the samples. A frame that was passed on is never written again: code that
// changes a picture makes a new one (FramePool::make).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "pipeline/contract/format.h"

struct AVFrame;

namespace quadrant {

struct Plane {  // one plane's memory; borrowed, valid as long as the frame
  std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;  // bytes from row to row; negative for pictures stored bottom up
};

class Frame {
 public:
  Frame() = default;  // empty
  explicit Frame(std::shared_ptr<AVFrame> av, Rational time_base, Rational frame_rate);

  explicit operator bool() const { return av_ != nullptr; }
  const Format& format() const { return *format_; }
  Plane plane(int plane) const;
  std::int64_t pts() const;       // ticks of format().time_base
  std::int64_t duration() const;  // ticks; 0: unknown

  // The same picture at another time: shares the samples, keeps the properties.
  Frame at(std::int64_t pts, std::int64_t duration) const;
  // The same, where time is counted as in `clock` (its time_base and frame_rate).
  Frame at(std::int64_t pts, std::int64_t duration, const Format& clock) const;
  // The same picture to be shown again: without captions, which are shown once.
  Frame without_captions() const;

  AVFrame* av() const { return av_.get(); }  // for media/ and the ffmpeg stage

 private:
  std::shared_ptr<AVFrame> av_;
  std::shared_ptr<const Format> format_;
};

// Makes frames of one format repeatedly without asking the kernel for memory each time.
// Thread-safe. Frames may outlive the pool. Throws Error(temporary) when out of memory.
class FramePool {
 public:
  explicit FramePool(const Format& format);
  ~FramePool();
  FramePool(FramePool&&) noexcept;
  FramePool& operator=(FramePool&&) noexcept;

  const Format& format() const;
  // A writable frame with the pool's format and the time, tags and side data of `like`; if the size
  // differs, without side data that describes the old geometry.
  Frame make(const Frame& like) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Where the planes of a picture lie in one block of memory: rows at multiples of 64 bytes, with
// room behind each plane, as libav's SIMD wants it.
struct PictureLayout {
  explicit PictureLayout(const Format& format);
  std::array<Plane, 4> planes(std::uint8_t* memory) const;

  int count = 0;
  std::array<std::ptrdiff_t, 4> strides{};
  std::array<std::size_t, 4> offsets{};
  std::size_t bytes = 0;
};

// A frame of `format` over memory that holds its samples in that layout, and that nobody writes any
// more; `owner` lives as long as the frame. Time, tags and side data are as those of
// FramePool::make().
Frame frame_over(const Format& format, const Frame& like, std::uint8_t* memory,
                 std::shared_ptr<void> owner);

}  // namespace quadrant
