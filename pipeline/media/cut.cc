// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <numeric>

#include "pipeline/media/segment.h"

namespace quadrant {
namespace {

using Key = PacketScan::Key;

// Some codecs have packets that show no picture (VP8's golden frames, MPEG-4's packed ones), so
// counting packets may count too many pictures: what stages see around a segment is taken
// generously.
constexpr std::int64_t spare = 8;

class Cutter {
 public:
  Cutter(const PacketScan& scan, Around around)
      : scan_(scan),
        around_(around),
        shown_(scan.pts),
        mean_bytes_(std::reduce(scan.bytes.begin(), scan.bytes.end()) / std::ssize(scan.bytes)) {
    std::ranges::sort(shown_);
  }

  std::vector<Segment> at(const std::vector<const Key*>& borders) const {
    std::vector<Segment> segments;
    for (std::size_t i = 0; i <= borders.size(); ++i)
      segments.push_back(between(static_cast<int>(i), i > 0 ? borders[i - 1] : nullptr,
                                 i < borders.size() ? borders[i] : nullptr));
    return segments;
  }

 private:
  std::int64_t place(std::int64_t pts) const {
    return std::ranges::lower_bound(shown_, pts) - shown_.begin();
  }

  Segment between(int index, const Key* from, const Key* to) const {
    Segment s{.index = index};
    if (from) begin_at(s, *from);
    if (to) end_at(s, *to);
    const auto count = static_cast<std::int64_t>(shown_.size());
    s.pictures = (to ? place(to->pts) : count) - (from ? place(from->pts) : 0);
    const auto first = scan_.bytes.begin() + (from ? from->packet : 0);
    const auto last = scan_.bytes.begin() + (to ? to->packet : count);
    // A picture costs its size, and something by itself: about as much as the mean one's.
    s.weight = std::reduce(first, last) + s.pictures * mean_bytes_;
    return s;
  }

  void begin_at(Segment& s, const Key& key) const {
    s.begin = key.pts;
    const std::int64_t wanted = around_.before > 0 ? around_.before + spare : 0;
    const std::int64_t first = place(key.pts) - wanted;
    if (first <= 0) return;  // from the beginning of the input
    s.first = shown_[static_cast<std::size_t>(first)];
    const Key* start = key_for(s.first);
    if (!start) {
      s.first = Segment::start;
      return;
    }
    s.key_pts = start->pts;
    s.key_dts = start->dts;
  }

  void end_at(Segment& s, const Key& key) const {
    s.end = key.pts;
    const std::int64_t wanted = around_.after > 0 ? around_.after + spare : 0;
    const std::int64_t last = place(key.pts) - 1 + wanted;
    if (last >= static_cast<std::int64_t>(shown_.size())) return;  // to the end of the input
    s.last = shown_[static_cast<std::size_t>(last)];
    s.packets = packets_up_to(s.last) - packet_of(s.key_pts);
  }

  // The keyframe from which the picture at `pts` can be decoded. After an open GOP's keyframe the
  // pictures that are shown before it cannot, and some decoders then take a while to find into
  // step: one keyframe more.
  const Key* key_for(std::int64_t pts) const {
    const Key* found = nullptr;
    const Key* before = nullptr;
    for (const Key& key : scan_.keys) {
      if (!key.clean || key.pts > pts) continue;
      before = found;
      found = &key;
    }
    return found && found->leading ? before : found;
  }

  std::int64_t packet_of(std::int64_t key_pts) const {
    const auto key = std::ranges::find(scan_.keys, key_pts, &Key::pts);
    return key == scan_.keys.end() ? 0 : key->packet;
  }

  std::int64_t packets_up_to(std::int64_t pts) const {
    std::size_t count = scan_.pts.size();
    while (count > 0 && scan_.pts[count - 1] > pts) --count;
    return static_cast<std::int64_t>(count);
  }

  const PacketScan& scan_;
  Around around_;
  std::vector<std::int64_t> shown_;  // timestamps in order of presentation
  std::int64_t mean_bytes_;          // of a packet
};

// The keyframe that is nearest to `aim` after `from`; null if there is none between half of that
// and `latest`.
const Key* next_border(const std::vector<const Key*>& keys, std::int64_t from, std::int64_t aim,
                       std::int64_t latest) {
  const auto begin = std::ranges::lower_bound(keys, from + (aim + 1) / 2, {}, &Key::pts);
  const auto end = std::ranges::upper_bound(begin, keys.end(), latest, {}, &Key::pts);
  if (begin == end) return nullptr;
  const auto after = std::ranges::lower_bound(begin, end, from + aim, {}, &Key::pts);
  if (after == begin) return *after;
  const Key* before = *std::prev(after);
  return after == end || from + aim - before->pts < (*after)->pts - from - aim ? before : *after;
}

// What would be left at the end is no segment of its own if it is less than half of one.
std::vector<const Key*> borders_of(const PacketScan& scan, std::int64_t length,
                                   std::int64_t at_end) {
  std::vector<const Key*> keys;  // in order of presentation, as what is before a clean one is
  for (const Key& key : scan.keys)
    if (key.clean) keys.push_back(&key);
  const auto [first, last] = std::ranges::minmax(scan.pts);
  const std::int64_t end_begins = last - first >= 4 * length ? last - 2 * length : last;
  std::vector<const Key*> borders;
  for (std::int64_t from = first;; from = borders.back()->pts) {
    const std::int64_t aim = from < end_begins ? length : at_end;
    const Key* border = next_border(keys, from, aim, last - aim / 2);
    if (!border) return borders;
    borders.push_back(border);
  }
}

}  // namespace

std::vector<Segment> cut_into_segments(const PacketScan& scan, SegmentLength wanted,
                                       Around around) {
  const std::vector<Segment> whole = {Segment{}};
  if (!scan.obstacle.empty() || scan.pts.empty()) return whole;
  const auto [first, last] = std::ranges::minmax(scan.pts);
  const auto ticks = [&scan](double seconds) {
    return std::max<std::int64_t>(1, std::llround(seconds / scan.time_base.value()));
  };
  const std::int64_t length = ticks(wanted.seconds);
  if (last - first < 2 * length) return whole;
  const std::vector<const Key*> borders = borders_of(scan, length, ticks(wanted.at_end));
  return borders.empty() ? whole : Cutter(scan, around).at(borders);
}

}  // namespace quadrant
