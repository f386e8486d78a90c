// SPDX-License-Identifier: MIT
// Checks the conditions for cutting an input, packet by packet; cutting an input that violates them
// would silently lose or duplicate pictures. An input whose index shows all of this is not read
// (index_scan.h).
#include <algorithm>
#include <optional>

#include "pipeline/media/av.h"
#include "pipeline/media/index_scan.h"
#include "pipeline/media/part.h"
#include "pipeline/media/segment.h"

namespace quadrant {
namespace {

std::string obstacle_in(const AVPacket& packet) {
  if (packet.pts == AV_NOPTS_VALUE) return "a picture has no timestamp";
  if (packet.flags & AV_PKT_FLAG_CORRUPT) return "the file is damaged";
  return "";
}

bool has_doubles(const PacketScan& scan) {
  std::vector<std::int64_t> pts;
  auto hidden = scan.hidden.begin();
  for (std::size_t i = 0; i < scan.pts.size(); ++i)
    if (hidden != scan.hidden.end() && *hidden == i)
      ++hidden;
    else
      pts.push_back(scan.pts[i]);
  std::ranges::sort(pts);
  return std::ranges::adjacent_find(pts) != pts.end();
}

constexpr const char* same_timestamp = "two of its pictures have the same timestamp";

}  // namespace

PacketScan scan_all_packets(const InputSpec& spec, const StopFlag& stop) {
  Input input(spec, stop);
  PacketScan scan;
  scan.time_base = input.info().video_stream().format.time_base;
  // Only the video matters here, but in containers whose clock may jump every stream shows the
  // jump.
  if (!(input.av()->iformat->flags & AVFMT_TS_DISCONT)) input.ignore_other_streams();
  scan.shown = input.taken_of(input.info().video);
  std::vector<bool> keys;
  while (const Packet packet = input.read()) {
    if (packet.stream() != input.info().video) continue;
    const AVPacket& p = *packet.av();
    if (scan.obstacle.empty()) scan.obstacle = obstacle_in(p);
    if (is_hidden(p)) scan.hidden.push_back(scan.pts.size());
    scan.pts.push_back(p.pts);
    scan.dts.push_back(p.dts);
    scan.bytes.push_back(p.size);
    keys.push_back(p.flags & AV_PKT_FLAG_KEY);
  }
  const bool missing = std::ssize(scan.pts) < input.info().video_stream().indexed;
  if (scan.obstacle.empty() && (missing || input.take_diagnostics().lines > 0))
    scan.obstacle = "the file is damaged";
  if (scan.obstacle.empty() && input.clock_jumped()) scan.obstacle = "its timestamps jump";
  if (scan.obstacle.empty() && has_doubles(scan)) scan.obstacle = same_timestamp;
  scan.is_key = [keys = std::move(keys)](std::size_t packet) { return keys[packet]; };
  return scan;
}

PacketScan scan_packets(const Input& opened) {
  const bool is_shared = opened.info().name == "-";  // its position, with whoever opens it again
  if (!opened.is_seekable() || is_shared) {
    PacketScan scan;
    scan.obstacle = "it can be read only from its beginning to its end";
    return scan;
  }
  const InputSpec spec = opened.info().spec();
  const StopFlag& stop = opened.stop();
  std::optional<PacketScan> scan = opened.scan_parts();
  if (!scan) scan = scan_raw(opened);
  if (!scan) scan = scan_index(opened);
  if (!scan) return scan_all_packets(spec, stop);
  if (!scan->obstacle.empty()) return *std::move(scan);
  scan->read_all = [spec, &stop] { return scan_all_packets(spec, stop); };
  if (has_doubles(*scan)) scan->obstacle = same_timestamp;
  return *std::move(scan);
}

}  // namespace quadrant
