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

// Writes the output at `path`, whole and closed. `input` gives its properties only. Throws Error.
void stitch(const Input& input, const OutputPlan& plan, const PacketFiles& parts,
            const std::string& path, const StopFlag& stop);

// Why what `encoder` makes of segments cannot be put together, or must not be: "" if it can.
std::string stitch_obstacle(const std::string& encoder, const Options& options);

// Where a segment's encoder begins to count, in ticks of its time base.
std::int64_t encoder_origin(const Segment& segment, const VideoEncoding& video, Rational time_base);

}  // namespace quadrant
