// SPDX-License-Identifier: MIT
// A scan that uses the container's index. A demuxer takes what it reports about a packet from the
// index if there is one. So the packets are read as usual, but from a file without its media data
// (skipping_reader.h): their times, sizes and order are exactly those of reading everything. What
// remains is which packets are keyframes:
//
//   the container says so            HEVC, MPEG-4, ProRes ... in mp4 and mov; AVI without a parser
//   all are, because of the codec    Motion JPEG
//   a parser looks into each packet  H.264 in mp4 and mov: so do we, but only into the packets that
//                                    decide where to cut (cut.cc), and only at their start
//
// All other inputs are read completely. Matroska's Cues list only keyframes, and not all of them;
// nothing says how many packets are between two, which a segment must know. In AVI the presentation
// order of H.264 and MPEG-4 comes from the content. VP8, VP9, AV1 and VC-1 in mp4 have parsers that
// need all packets. Of a part of an input, that part is read. Fragmented files have one index per
// fragment.
//
// Damage in the media data is found only in packets that are looked at. A file is read completely
// if it ends too early, has holes, or has an inconsistent index, or if any of `samples` packets,
// spread evenly, contains no picture.
#pragma once

#include <optional>

#include "pipeline/media/segment.h"

namespace quadrant {

// Opens the same input again. Nothing if its index is insufficient or wrong.
std::optional<PacketScan> scan_index(const Input& opened);

// Raw video has no index and needs none: its pictures are all of one size. Nothing for any other
// input, and for one that is not a whole number of pictures.
std::optional<PacketScan> scan_raw(const Input& opened);

}  // namespace quadrant
