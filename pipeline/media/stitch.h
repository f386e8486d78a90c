// SPDX-License-Identifier: MIT
// Puts an output together from the packets of its parts. Packets keep the times that the encoder of
// their segment gave them; what is settled here is what spans the segments:
//
//   - dts: a muxer wants one row of decoding times. An encoder that reorders up to D pictures gives
//     each packet the presentation time of the picture D places earlier in order of presentation
//     (as libx264 and libavformat's compute_pkt_fields do), and so it is done here across the
//     borders, with the same result as if one encoder had made all;
//   - interleaving: video and the rest are merged by dts, whatever was made first.
//
// Parts are never joined as containers: their edit lists and start offsets would add up (Matroska
// drifts 132 ms over 5 joins without a warning).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/media/input.h"
#include "pipeline/media/output_plan.h"
#include "pipeline/media/segment.h"
#include "pipeline/media/stop.h"

namespace quadrant {

struct PacketFiles {
  std::vector<std::string> segments;  // in order of time; none: `rest` holds all, in order
  std::string rest;
};

// An output that is put together, while its parts are still made or when all are there. Not for two
// threads at once. Throws Error, as do its functions.
class Stitcher {
 public:
  // Writes the output at `path`. `input` gives its properties only.
  Stitcher(const Input& input, const OutputPlan& plan, PacketFiles parts, const std::string& path);
  ~Stitcher();

  using IsWhole = std::function<bool(const std::string& file)>;
  // Writes what comes before the first part that is not whole yet.
  void advance(const IsWhole& is_whole, const StopFlag& stop);
  // All parts are whole: writes what is left, closes the file and reads it again.
  void finish(const StopFlag& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Why what `encoder` makes of segments cannot be put together, or must not be: "" if it can.
std::string stitch_obstacle(const std::string& encoder, const Options& options);

// Where a segment's encoder begins to count, in ticks of its time base.
std::int64_t encoder_origin(const Segment& segment, const VideoEncoding& video, Rational time_base);

}  // namespace quadrant
