// SPDX-License-Identifier: MIT
// Segments: intervals of an input that start at a keyframe and are decoded, processed and encoded
// independently. Their borders depend on the input and the job alone; they come from a scan of the
// input's packets and are stored as timestamps.
//
//   packets   K p b b p b b K b b p b b K      in order of decoding; K: keyframe, b: shown earlier
//   pictures  [------ segment ------)[--- next ---
//
// A picture belongs to the segment in which it is shown. In an open GOP, pictures after a keyframe
// in the stream may be shown before it; these belong to the earlier segment, which therefore
// decodes beyond its end. The frames that stages read around a segment (windows in time, warm-up)
// are decoded too and dropped before the encoder.
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
  std::int64_t begin = start, end = finish;       // pictures it outputs: begin <= pts < end
  std::int64_t first = start, last = finish;      // pictures its stages see: first <= pts <= last
  std::int64_t key_pts = start, key_dts = start;  // first packet to decode; start: the input's
  std::int64_t packets = finish;                  // of the video stream, to decode from there on
  std::int64_t pictures = 0;                      // expected; 0: unknown
  std::int64_t weight = 0;                        // relative cost: about coded bytes

  bool whole() const { return begin == start && end == finish; }
  bool gives(std::int64_t pts) const { return pts >= begin && pts < end; }
  friend bool operator==(const Segment&, const Segment&) = default;
};

// The pictures that the segment outputs, as a stage's output counts time; only begin and end.
Segment in_ticks_of(const Segment& segment, Rational from, Rational to);

// What an input's packets say about its video, all in order of decoding.
struct PacketScan {
  std::vector<std::int64_t> pts, dts, bytes;  // of every packet
  // Only pictures of these times are shown; the others are needed to decode them.
  Input::Ticks shown;
  // Packets that show nothing, sorted: they lead into a part of a joined input, or out of it.
  std::vector<std::size_t> hidden;
  // Is this packet a keyframe? After a scan of the container's index this may read the packet, and
  // throws IndexDoubt if the packet contradicts the index.
  std::function<bool(std::size_t packet)> is_key;
  // Scans again by reading every packet; empty if that was done already.
  std::function<PacketScan()> read_all;
  Rational time_base;
  std::string obstacle;  // why this input cannot be cut; empty: it can be
};

struct IndexDoubt {};

// Opens the same input again. Reads only what its index does not say (index_scan.h), or everything.
// Throws like Input. The input's stop flag must outlive the result.
PacketScan scan_packets(const Input& opened);
PacketScan scan_all_packets(const InputSpec& spec, const StopFlag& stop);

// What all stages together read before and after a moment: all of so many seconds, and so many
// frames more.
struct Around {
  int before = 0, after = 0;
  double seconds_before = 0, seconds_after = 0;
};

// The approximate length of segments, in seconds. The units that start last determine when all is
// done, so in an input of four or more lengths the last two may be cut shorter, to fill in at the
// end.
struct SegmentLength {
  double seconds = 0, at_end = seconds;
};

// Returns one segment if the input is shorter than two. If the index turns out to be wrong, `scan`
// is replaced by a scan of all packets.
std::vector<Segment> cut_into_segments(PacketScan& scan, SegmentLength wanted, Around around);

// The packets that one segment decodes.
class SegmentSource {
 public:
  // Throws Error(input) if the input no longer has the segment's keyframe.
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
