// SPDX-License-Identifier: MIT
// Puts an output together from the packets of its units. Packets keep the times that their
// segment's encoder gave them; only what spans segments is decided here:
//
//   - dts: a muxer needs increasing decoding times. An encoder that reorders up to D pictures gives
//     each packet the presentation time of the picture D places earlier in presentation order (as
//     libx264 and libavformat's compute_pkt_fields do). The same is done here across borders, with
//     the same result as from a single encoder;
//   - interleaving: video and the rest are merged by dts, in whatever order they were made.
//
// Units are never joined as containers: their edit lists and start offsets would add up (Matroska
// drifts by 132 ms over 5 joins without a warning).
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
  std::vector<std::string> segments;  // in order of time; empty: `rest` holds everything, in order
  std::string rest;
};

// Puts an output together, while units are still being made or at the end. Not thread-safe. It and
// its functions throw Error.
class Stitcher {
 public:
  // Writes the output at `path`. `input` only provides properties.
  Stitcher(const Input& input, const OutputPlan& plan, PacketFiles parts, const std::string& path);
  ~Stitcher();

  using IsWhole = std::function<bool(const std::string& file)>;
  // Writes everything before the first unit that is not complete yet.
  void advance(const IsWhole& is_whole, const StopFlag& stop);
  // Call when all units are complete: writes the rest, closes the file and reads it back.
  void finish(const StopFlag& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Why segments encoded by `encoder` cannot or must not be put together; "" if they can.
std::string stitch_obstacle(const std::string& encoder, const Options& options);

// Where a segment's encoder starts counting, in ticks of its time base.
std::int64_t encoder_origin(const Segment& segment, const VideoEncoding& video, Rational time_base);

}  // namespace quadrant
