// SPDX-License-Identifier: MIT
// Segments: stretches of an input that begin at a keyframe and are decoded, processed and encoded
// on their own. Where they begin comes from the input and the job alone, from a scan of the input's
// packets, and is kept as timestamps.
//
//   packets   K p b b p b b K b b p b b K      in order of decoding; K: keyframe, b: shown earlier
//   pictures  [------ segment ------)[--- next ---
//
// A picture belongs to the segment in which it is shown. Of an open GOP the pictures after a
// keyframe in the stream that are shown before it still belong to the segment before, which so
// decodes across its end. What stages want to see around a segment (windows in time, warm-up) is
// decoded too and dropped before the encoder.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/media/input.h"

namespace quadrant {

// Times are in ticks of the video stream, on the input's own clock.
struct Segment {
  static constexpr std::int64_t start = INT64_MIN, finish = INT64_MAX;

  int index = 0;
  std::int64_t begin = start, end = finish;       // pictures it gives: begin <= pts < end
  std::int64_t first = start, last = finish;      // pictures its stages see: first <= pts <= last
  std::int64_t key_pts = start, key_dts = start;  // where decoding begins; start: at the beginning
  std::int64_t packets = finish;  // of the video stream that are decoded from there on
  std::int64_t pictures = 0;      // expected; 0: unknown
  std::int64_t weight = 0;        // beside the others: in about coded bytes

  bool whole() const { return begin == start && end == finish; }
  bool gives(std::int64_t pts) const { return pts >= begin && pts < end; }
  friend bool operator==(const Segment&, const Segment&) = default;
};

// What the packets of an input tell of its video, all in order of decoding.
struct PacketScan {
  std::vector<std::int64_t> pts, dts, bytes;  // of every packet
  // Is this packet a keyframe? Where the scan went by the container's index this may read the
  // packet, and throws IndexDoubt if that is not what the index made of it.
  std::function<bool(std::size_t packet)> is_key;
  // The same by reading every packet; empty if that was done.
  std::function<PacketScan()> read_all;
  Rational time_base;
  std::string obstacle;  // why this input cannot be cut; empty: it can
};

struct IndexDoubt {};

// Opens the same input once more. Reads no more of it than its index leaves open (index_scan.h), or
// all of it. Throws as Input does. The input's stop flag must outlive the result.
PacketScan scan_packets(const Input& opened);
PacketScan scan_all_packets(const std::string& name, const StopFlag& stop);

struct Around {  // pictures that stages read before and after the current one, all together
  int before = 0, after = 0;
};

// About how long segments are to be, in seconds. What is begun last decides when all is done, so
// the last two lengths of an input of four or more may be cut shorter: units that fill in at the
// end.
struct SegmentLength {
  double seconds = 0, at_end = seconds;
};

// One segment if an input is not twice as long. Where the index turns out to be wrong, `scan`
// becomes what reading all packets gives.
std::vector<Segment> cut_into_segments(PacketScan& scan, SegmentLength wanted, Around around);

// The packets that one segment decodes.
class SegmentSource {
 public:
  // Throws Error(input) if the segment's keyframe is not in the input any more.
  SegmentSource(Input& input, const Segment& segment);
  Packet read();  // of the video stream only; empty at the end

 private:
  Packet next();
  bool find_key(std::int64_t from);

  Input& input_;
  Segment segment_;
  Packet found_;
  std::int64_t left_;
};

}  // namespace quadrant
