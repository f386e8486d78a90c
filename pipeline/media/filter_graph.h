// SPDX-License-Identifier: MIT
// A chain of libavfilter filters with one video input and one video output, as FFmpeg's -vf takes
// it. The result depends on the chain and the frames only: the filters cut a picture into a fixed
// number of slices, whatever the number of cores, and conversions are bit-exact. The slices are
// executed by whatever the caller hands in, so libavfilter starts no thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/contract/format.h"

namespace quadrant {

class Frame;

// Not thread-safe: one for each worker.
class FilterGraph {
 public:
  // Calls body(0) ... body(count - 1), in any order, and returns when all are done.
  using ParallelFor = std::function<void(int count, const std::function<void(int)>& body)>;

  // Throws Error(usage) where libavfilter does not know a filter or an option or the chain is not
  // one video chain, Error(input) where it cannot take such an input.
  FilterGraph(const Format& in, const std::string& chain, ParallelFor parallel_for);
  ~FilterGraph();
  FilterGraph(FilterGraph&&) noexcept;
  FilterGraph& operator=(FilterGraph&&) noexcept;

  // Size, pixel format, time base, rate and sample aspect are the chain's own; the colour is the
  // input's, since filters write it into frames only (see format_after).
  const Format& output() const;
  std::vector<std::string> filters() const;  // libavfilter's names, inserted conversions too
  // Is there a conversion between YUV and RGB, for which libavfilter takes BT.601 where frames do
  // not tell the matrix?
  bool crosses_rgb() const;

  void push(const Frame& frame);  // an empty frame says that the input ended
  // An empty frame: nothing more without another push. Throws Error(input) where a filter changes
  // the picture's size while it runs, for nothing after it is planned for that.
  Frame pull();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What comes out of the chain, colour included, found by running one blank frame through it: what
// filters write into frames does not depend on the picture.
Format format_after(const Format& in, const std::string& chain);

}  // namespace quadrant
