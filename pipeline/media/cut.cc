// SPDX-License-Identifier: MIT
// Chooses the keyframes at which an input is cut. Checking whether a packet is a keyframe may read
// from storage, so only packets that decide are checked, each once. An input can have thousands of
// segments and millions of packets: no step here walks through all packets for each segment.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "pipeline/media/segment.h"
#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

// Some codecs have packets that show no picture (VP8's golden frames, MPEG-4's packed ones), so
// counting packets may overestimate pictures: the frames around a segment get a generous margin.
constexpr std::int64_t spare = 8;

// Packets that are shown after all earlier packets in decoding order, so they are in presentation
// order too. Keyframes among them are clean: only there do decoding and segments start.
class CleanPackets {
 public:
  explicit CleanPackets(const PacketScan& scan) : scan_(scan) {
    std::int64_t latest = INT64_MIN;
    for (std::size_t i = 0; i < scan.pts.size(); ++i) {
      if (latest < scan.pts[i]) add(i);
      latest = std::max(latest, scan.pts[i]);
    }
  }

  std::size_t packet(std::size_t at) const { return packets_[at]; }

  // The keyframe shown nearest to `aim` between `from` and `to`, inclusive; at equal distance the
  // later one.
  std::optional<std::size_t> nearest_key(std::int64_t aim, std::int64_t from, std::int64_t to) {
    const auto first = std::ranges::lower_bound(times_, from);
    const auto end = std::ranges::upper_bound(first, times_.end(), to);
    auto after = std::ranges::lower_bound(first, end, aim), before = after;
    while (before != first || after != end) {
      const bool back =
          after == end || (before != first && minus(aim, *std::prev(before)) < minus(*after, aim));
      const auto at = static_cast<std::size_t>((back ? --before : after++) - times_.begin());
      if (is_key(at)) return at;
    }
    return std::nullopt;
  }

  // The last keyframe shown at or before `pts`.
  std::optional<std::size_t> last_key(std::int64_t pts) {
    return last_key_of(
        static_cast<std::size_t>(std::ranges::upper_bound(times_, pts) - times_.begin()));
  }
  std::optional<std::size_t> key_before(std::size_t at) { return last_key_of(at); }

 private:
  enum class Known : char { no, not_yet, yes };

  void add(std::size_t packet) {
    fewer_.push_back(packets_.size());
    packets_.push_back(packet);
    times_.push_back(scan_.pts[packet]);
    known_.push_back(Known::not_yet);
  }

  bool is_key(std::size_t at) {
    if (known_[at] == Known::not_yet)
      known_[at] = scan_.is_key(packets_[at]) ? Known::yes : Known::no;
    return known_[at] == Known::yes;
  }

  // The last keyframe among the first `count`. Packets that were walked over are skipped in later
  // calls.
  std::optional<std::size_t> last_key_of(std::size_t count) {
    std::size_t found = count;
    while (found > 0 && !is_key(found - 1)) found = fewer_[found - 1];
    while (count > found) count = std::exchange(fewer_[count - 1], found);
    if (found == 0) return std::nullopt;
    return found - 1;
  }

  const PacketScan& scan_;
  std::vector<std::size_t> packets_;
  std::vector<std::int64_t> times_;
  std::vector<Known> known_;
  std::vector<std::size_t> fewer_;  // if this one is no keyframe, the next `count` to look at
};

// Timestamps of the pictures that are shown, in order of presentation.
std::vector<std::int64_t> shown_of(const PacketScan& scan) {
  std::vector<std::int64_t> shown;
  auto hidden = scan.hidden.begin();
  for (std::size_t i = 0; i < scan.pts.size(); ++i) {
    const bool is_hidden = hidden != scan.hidden.end() && *hidden == i;
    if (is_hidden) ++hidden;
    if (!is_hidden && scan.pts[i] >= scan.shown.first && scan.pts[i] < scan.shown.end)
      shown.push_back(scan.pts[i]);
  }
  std::ranges::sort(shown);
  return shown;
}

class Cutter {
 public:
  Cutter(const PacketScan& scan, CleanPackets& clean, Around around)
      : scan_(scan),
        clean_(clean),
        around_(around),
        shown_(shown_of(scan)),
        earliest_(scan.pts),
        mean_bytes_(std::reduce(scan.bytes.begin(), scan.bytes.end()) / std::ssize(scan.bytes)) {
    for (std::size_t i = earliest_.size() - 1; i > 0; --i)
      earliest_[i - 1] = std::min(earliest_[i - 1], earliest_[i]);
  }

  std::vector<Segment> at(const std::vector<std::size_t>& borders) const {
    std::vector<Segment> segments;
    for (std::size_t i = 0; i <= borders.size(); ++i)
      segments.push_back(between(static_cast<int>(i), i > 0 ? &borders[i - 1] : nullptr,
                                 i < borders.size() ? &borders[i] : nullptr));
    return segments;
  }

 private:
  std::int64_t ticks(double seconds) const {
    return static_cast<std::int64_t>(std::ceil(seconds / scan_.time_base.value()));
  }
  std::int64_t place(std::int64_t pts) const {
    return std::ranges::lower_bound(shown_, pts) - shown_.begin();
  }

  // From one border's packet to the next; null is the start or end of the input.
  Segment between(int index, const std::size_t* from, const std::size_t* to) const {
    Segment s{.index = index};
    const std::size_t start = from ? begin_at(s, *from) : 0;
    if (to) end_at(s, *to, start);
    s.pictures = (to ? place(s.end) : std::ssize(shown_)) - (from ? place(s.begin) : 0);
    const auto first = scan_.bytes.begin() + (from ? static_cast<std::ptrdiff_t>(*from) : 0);
    const auto last =
        to ? scan_.bytes.begin() + static_cast<std::ptrdiff_t>(*to) : scan_.bytes.end();
    // A picture costs its size plus a constant, about the mean picture's size.
    s.weight = std::reduce(first, last) + s.pictures * mean_bytes_;
    return s;
  }

  // Returns the packet at which decoding starts.
  std::size_t begin_at(Segment& s, std::size_t border) const {
    s.begin = scan_.pts[border];
    const std::int64_t wanted = around_.before > 0 ? around_.before + spare : 0;
    const std::int64_t first = place(minus(s.begin, ticks(around_.seconds_before))) - wanted;
    if (first <= 0) return 0;  // from the start of the input
    s.first = shown_[static_cast<std::size_t>(first)];
    const std::optional<std::size_t> key = key_for(s.first);
    if (!key) {
      s.first = Segment::start;
      return 0;
    }
    s.key_pts = scan_.pts[*key];
    s.key_dts = scan_.dts[*key];
    return *key;
  }

  void end_at(Segment& s, std::size_t border, std::size_t start) const {
    s.end = scan_.pts[border];
    const std::int64_t wanted = around_.after > 0 ? around_.after + spare : 0;
    const std::int64_t last = place(plus(s.end, ticks(around_.seconds_after))) - 1 + wanted;
    if (last >= std::ssize(shown_)) return;  // to the end of the input
    s.last = shown_[static_cast<std::size_t>(last)];
    s.packets = packets_up_to(s.last) - static_cast<std::int64_t>(start);
  }

  // The keyframe from which the picture at `pts` can be decoded. After an open GOP's keyframe,
  // pictures shown before it cannot, and some decoders need a while to recover: uses the keyframe
  // before it.
  std::optional<std::size_t> key_for(std::int64_t pts) const {
    std::optional<std::size_t> key = clean_.last_key(pts);
    if (key && is_leading(clean_.packet(*key))) key = clean_.key_before(*key);
    if (!key) return std::nullopt;
    return clean_.packet(*key);
  }

  // Are later packets shown before it (open GOP)?
  bool is_leading(std::size_t packet) const {
    return packet + 1 < earliest_.size() && earliest_[packet + 1] < scan_.pts[packet];
  }

  // Number of packets up to the last one that is shown at or before `pts`.
  std::int64_t packets_up_to(std::int64_t pts) const {
    return std::ranges::upper_bound(earliest_, pts) - earliest_.begin();
  }

  const PacketScan& scan_;
  CleanPackets& clean_;
  Around around_;
  std::vector<std::int64_t> shown_;     // timestamps in order of presentation
  std::vector<std::int64_t> earliest_;  // the least timestamp of a packet and all later ones
  std::int64_t mean_bytes_;             // of a packet
};

// Of the first and the last picture that is shown.
std::pair<std::int64_t, std::int64_t> times_of(const PacketScan& scan) {
  const auto [first, last] = std::ranges::minmax(scan.pts);
  return {std::max(first, scan.shown.first), std::min(last, minus(scan.shown.end, 1))};
}

// The packets at which segments start. A remainder shorter than half a segment does not become a
// segment.
std::vector<std::size_t> borders_of(const PacketScan& scan, CleanPackets& clean,
                                    std::int64_t length, std::int64_t at_end) {
  const auto [first, last] = times_of(scan);
  const std::int64_t end_begins = minus(last, first) / 4 >= length ? last - 2 * length : last;
  std::vector<std::size_t> borders;
  for (std::int64_t from = first;; from = scan.pts[borders.back()]) {
    const std::int64_t aim = from < end_begins ? length : at_end;
    const auto key =
        clean.nearest_key(plus(from, aim), plus(from, aim - aim / 2), minus(last, aim / 2));
    if (!key) return borders;
    borders.push_back(clean.packet(*key));
  }
}

std::vector<Segment> cut(const PacketScan& scan, SegmentLength wanted, Around around) {
  const std::vector<Segment> whole = {Segment{}};
  if (!scan.obstacle.empty() || scan.pts.empty()) return whole;
  const auto [first, last] = times_of(scan);
  const auto ticks = [&scan](double seconds) {
    return std::max<std::int64_t>(1, std::llround(seconds / scan.time_base.value()));
  };
  const std::int64_t length = ticks(wanted.seconds);
  if (minus(last, first) / 2 < length) return whole;
  CleanPackets clean(scan);
  const std::vector<std::size_t> borders = borders_of(scan, clean, length, ticks(wanted.at_end));
  return borders.empty() ? whole : Cutter(scan, clean, around).at(borders);
}

}  // namespace

Segment in_ticks_of(const Segment& segment, Rational from, Rational to) {
  if (from == to) return segment;
  Segment moved{.index = segment.index};
  const auto in_ticks = [&](std::int64_t time) {
    return rescaled(time, av::to_av(from), av::to_av(to));
  };
  if (segment.begin != Segment::start) moved.begin = in_ticks(segment.begin);
  if (segment.end != Segment::finish) moved.end = in_ticks(segment.end);
  return moved;
}

std::vector<Segment> cut_into_segments(PacketScan& scan, SegmentLength wanted, Around around) {
  try {
    return cut(scan, wanted, around);
  } catch (const IndexDoubt&) {
    scan = scan.read_all();
    return cut(scan, wanted, around);
  }
}

}  // namespace quadrant
