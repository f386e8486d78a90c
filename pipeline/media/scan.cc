// SPDX-License-Identifier: MIT
// What must hold for an input to be cut is looked at here, packet by packet; whoever cuts an input
// for which it does not hold would lose or double pictures without a word.
#include <algorithm>
#include <numeric>
#include <optional>

#include "pipeline/media/av.h"
#include "pipeline/media/segment.h"

namespace quadrant {
namespace {

// Only the video matters here; but in containers whose clock may jump every stream tells of it.
void ignore_others(const Input& input) {
  AVFormatContext& context = *input.av();
  if (context.iformat->flags & AVFMT_TS_DISCONT) return;
  for (unsigned i = 0; i < context.nb_streams; ++i)
    if (static_cast<int>(i) != input.info().video) context.streams[i]->discard = AVDISCARD_ALL;
}

std::string obstacle_in(const AVPacket& packet) {
  if (packet.pts == AV_NOPTS_VALUE) return "a picture has no timestamp";
  if (packet.flags & AV_PKT_FLAG_CORRUPT) return "the file is damaged";
  return "";
}

// Which keyframes have nothing before them in the stream that is shown after them, and which are
// followed by pictures that are shown before them.
void judge_keys(PacketScan& scan) {
  std::int64_t latest = INT64_MIN;
  std::size_t packet = 0;
  for (PacketScan::Key& key : scan.keys) {
    for (; packet < static_cast<std::size_t>(key.packet); ++packet)
      latest = std::max(latest, scan.pts[packet]);
    key.clean = latest < key.pts;
  }
  std::int64_t earliest = INT64_MAX;
  std::size_t end = scan.pts.size();
  for (auto key = scan.keys.rbegin(); key != scan.keys.rend(); ++key) {
    for (; end > static_cast<std::size_t>(key->packet) + 1; --end)
      earliest = std::min(earliest, scan.pts[end - 1]);
    key->leading = earliest < key->pts;
  }
}

bool has_doubles(std::vector<std::int64_t> pts) {
  std::ranges::sort(pts);
  return std::ranges::adjacent_find(pts) != pts.end();
}

}  // namespace

PacketScan scan_packets(const Input& opened) {
  PacketScan scan;
  scan.time_base = opened.info().video_stream().format.time_base;
  if (!opened.is_seekable()) {
    scan.obstacle = "it can be read only from its beginning to its end";
    return scan;
  }
  Input input(opened.info().name, opened.stop());
  ignore_others(input);
  while (const Packet packet = input.read()) {
    if (packet.stream() != input.info().video) continue;
    const AVPacket& p = *packet.av();
    if (scan.obstacle.empty()) scan.obstacle = obstacle_in(p);
    if (p.flags & AV_PKT_FLAG_KEY)
      scan.keys.push_back({p.pts, p.dts, static_cast<std::int64_t>(scan.pts.size())});
    scan.pts.push_back(p.pts);
    scan.bytes.push_back(p.size);
  }
  const bool missing = std::ssize(scan.pts) < input.info().video_stream().indexed;
  if (scan.obstacle.empty() && (missing || input.take_diagnostics().lines > 0))
    scan.obstacle = "the file is damaged";
  if (scan.obstacle.empty() && input.clock_jumped()) scan.obstacle = "its clock jumps";
  if (scan.obstacle.empty() && has_doubles(scan.pts))
    scan.obstacle = "two of its pictures have the same timestamp";
  judge_keys(scan);
  return scan;
}

}  // namespace quadrant
