// SPDX-License-Identifier: MIT
// A scan that goes by the container's index. What a demuxer tells of a packet comes from the index
// where there is one, so the packets are read as always, but from a file whose media data is left
// out (skipping_reader.h): their times, sizes and order are exactly those of reading everything.
// What remains is which of them are keyframes:
//
//   the container says it          HEVC, MPEG-4, ProRes ... in mp4 and mov; AVI without a parser
//   all of them, the codec says it Motion JPEG
//   a parser looks into each       H.264 in mp4 and mov: so do we, but only into those that decide
//                                  where to cut (cut.cc), and of those only at the front
//
// All other inputs are read as a whole. Matroska's Cues list keyframes only, and not all of them;
// how many packets lie between two, which a segment has to know, nothing tells. In AVI the order of
// presentation of H.264 and MPEG-4 comes from the content. VP8, VP9, AV1 and VC-1 in mp4 have
// parsers that need all packets. Fragmented files have an index for each fragment.
//
// Damage of the media data itself is not seen unless it is where somebody looks. A file that ends
// too early, was never written in places, or whose index does not hold together is read as a whole,
// and so is one where any of `samples` packets, spread evenly, shows no picture.
#pragma once

#include <optional>

#include "pipeline/media/segment.h"

namespace quadrant {

// Opens the same input once more. Nothing where it has no index that tells enough, or not the
// truth.
std::optional<PacketScan> scan_index(const Input& opened);

}  // namespace quadrant
