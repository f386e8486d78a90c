// SPDX-License-Identifier: MIT
// A chain of libavfilter filters with one video input and one video output, in the syntax of
// FFmpeg's -vf. The result depends only on the chain and the frames: filters divide a picture into
// a fixed number of slices, whatever the number of cores, and conversions are bit-exact. The
// caller's ParallelFor executes the slices, so libavfilter starts no threads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/contract/format.h"

namespace quadrant {

class Frame;

// Not thread-safe: use one per worker.
class FilterGraph {
 public:
  // Calls body(0) ... body(count - 1), in any order, and returns when all are done.
  using ParallelFor = std::function<void(int count, const std::function<void(int)>& body)>;

  // Throws Error(usage) if libavfilter does not know a filter or an option, or the chain is not a
  // single video chain; Error(input) if it cannot take this input.
  FilterGraph(const Format& in, const std::string& chain, ParallelFor parallel_for);
  ~FilterGraph();
  FilterGraph(FilterGraph&&) noexcept;
  FilterGraph& operator=(FilterGraph&&) noexcept;

  // Size, pixel format, time base, rate and sample aspect are the chain's. The colour is the
  // input's, since filters write it only into frames (see format_after).
  const Format& output() const;
  std::vector<std::string> filters() const;  // libavfilter's names, including inserted conversions
  // Does the chain convert between YUV and RGB? libavfilter then uses BT.601 if frames do not
  // specify the matrix.
  bool crosses_rgb() const;

  void push(const Frame& frame);  // an empty frame marks the end of the input
  // Returns an empty frame when the chain needs another push. Throws Error(input) if a filter
  // changes the picture's size while it runs, since nothing after it is planned for that.
  Frame pull();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A picture of zeros at time 0, for trials.
Frame blank_frame(const Format& format);

// The chain's output format, colour included, found by running one blank frame through it: what
// filters write into frames does not depend on the picture.
Format format_after(const Format& in, const std::string& chain);

}  // namespace quadrant
