// SPDX-License-Identifier: MIT
// Where an input is cut, against the rules written down a second time: slow, with a loop over all
// packets wherever one is asked for, and obviously right.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <random>

#include "pipeline/media/segment.h"

namespace quadrant {
namespace {

struct Stream {
  std::vector<std::int64_t> pts, dts, bytes;
  std::vector<bool> keys;

  std::size_t size() const { return pts.size(); }

  PacketScan scan() const {
    PacketScan scan{.pts = pts, .dts = dts, .bytes = bytes};
    scan.time_base = {1, 100};
    scan.is_key = [this](std::size_t packet) { return keys[packet]; };
    return scan;
  }
};

class Slow {
 public:
  Slow(const Stream& stream, Around around) : in_(stream), around_(around), shown_(stream.pts) {
    std::ranges::sort(shown_);
  }

  bool is_clean_key(std::size_t p) const {
    bool clean = in_.keys[p];
    for (std::size_t i = 0; i < p; ++i) clean = clean && in_.pts[i] < in_.pts[p];
    return clean;
  }

  bool is_leading(std::size_t p) const {
    bool leading = false;
    for (std::size_t i = p + 1; i < in_.size(); ++i) leading = leading || in_.pts[i] < in_.pts[p];
    return leading;
  }

  std::vector<std::size_t> borders(std::int64_t length, std::int64_t at_end) const {
    std::vector<std::size_t> found;
    const std::int64_t last = shown_.back();
    const std::int64_t end_begins = last - shown_.front() >= 4 * length ? last - 2 * length : last;
    for (std::int64_t from = shown_.front();; from = in_.pts[found.back()]) {
      const std::int64_t aim = from < end_begins ? length : at_end;
      std::int64_t best = INT64_MAX;
      std::size_t border = 0;
      for (std::size_t p = 0; p < in_.size(); ++p) {
        const std::int64_t far = std::abs(in_.pts[p] - from - aim);
        if (in_.pts[p] < from + (aim + 1) / 2 || in_.pts[p] > last - aim / 2 || far > best ||
            !is_clean_key(p))
          continue;
        best = far;
        border = p;
      }
      if (best == INT64_MAX) return found;
      found.push_back(border);
    }
  }

  Segment between(int index, const std::size_t* from, const std::size_t* to) const {
    Segment s{.index = index};
    std::size_t start = 0;
    if (from) {
      s.begin = in_.pts[*from];
      const std::int64_t first = place(s.begin) - (around_.before > 0 ? around_.before + 8 : 0);
      if (first > 0) s.first = shown_[static_cast<std::size_t>(first)];
      std::vector<std::size_t> keys;
      for (std::size_t p = 0; p < in_.size(); ++p)
        if (in_.pts[p] <= s.first && is_clean_key(p)) keys.push_back(p);
      if (!keys.empty() && is_leading(keys.back())) keys.pop_back();
      if (keys.empty()) s.first = Segment::start;
      if (!keys.empty()) {
        start = keys.back();
        s.key_pts = in_.pts[start];
        s.key_dts = in_.dts[start];
      }
    }
    if (to) {
      s.end = in_.pts[*to];
      const std::int64_t last = place(s.end) - 1 + (around_.after > 0 ? around_.after + 8 : 0);
      if (last < std::ssize(shown_)) {
        s.last = shown_[static_cast<std::size_t>(last)];
        for (std::size_t p = 0; p < in_.size(); ++p)
          if (in_.pts[p] <= s.last) s.packets = static_cast<std::int64_t>(p + 1 - start);
      }
    }
    for (std::int64_t pts : in_.pts) s.pictures += s.gives(pts);
    const std::int64_t mean =
        std::reduce(in_.bytes.begin(), in_.bytes.end()) / std::ssize(in_.bytes);
    s.weight = s.pictures * mean;
    for (std::size_t p = from ? *from : 0; p < (to ? *to : in_.size()); ++p)
      s.weight += in_.bytes[p];
    return s;
  }

  std::vector<Segment> cut(std::int64_t length, std::int64_t at_end) const {
    if (shown_.back() - shown_.front() < 2 * length) return {Segment{}};
    const std::vector<std::size_t> at = borders(length, at_end);
    std::vector<Segment> segments;
    for (std::size_t i = 0; i <= at.size() && !at.empty(); ++i)
      segments.push_back(between(static_cast<int>(i), i > 0 ? &at[i - 1] : nullptr,
                                 i < at.size() ? &at[i] : nullptr));
    return at.empty() ? std::vector{Segment{}} : segments;
  }

 private:
  std::int64_t place(std::int64_t pts) const {
    return std::ranges::lower_bound(shown_, pts) - shown_.begin();
  }

  const Stream& in_;
  Around around_;
  std::vector<std::int64_t> shown_;
};

// Groups of pictures of any length, open and closed, some packets far out of place, at a variable
// rate.
Stream any_stream(std::mt19937& random) {
  const auto up_to = [&random](int most) { return std::uniform_int_distribution(0, most)(random); };
  std::vector<std::int64_t> times(static_cast<std::size_t>(2 + up_to(250)));
  std::int64_t time = up_to(40) - 20;
  for (std::int64_t& t : times) t = time += 1 + up_to(5);
  Stream stream;
  const int reorder = up_to(4), key_every = 1 + up_to(30);
  for (std::size_t i = 0; i < times.size();) {  // a picture, and after it those shown before it
    const std::size_t ahead =
        std::min(times.size() - 1, i + static_cast<std::size_t>(up_to(reorder)));
    stream.pts.push_back(times[ahead]);
    for (std::size_t b = i; b < ahead; ++b) stream.pts.push_back(times[b]);
    i = ahead + 1;
  }
  for (int swaps = up_to(2); swaps > 1; --swaps)
    std::swap(stream.pts[static_cast<std::size_t>(up_to(static_cast<int>(times.size()) - 1))],
              stream.pts[static_cast<std::size_t>(up_to(static_cast<int>(times.size()) - 1))]);
  for (std::size_t i = 0; i < times.size(); ++i) {
    stream.dts.push_back(times[i] - 10);
    stream.bytes.push_back(1 + up_to(1000));
    stream.keys.push_back(i == 0 || up_to(key_every) == 0);
  }
  return stream;
}

std::string text_of(const std::vector<Segment>& segments) {
  std::string text;
  for (const Segment& s : segments)
    for (const std::int64_t value :
         {s.begin, s.end, s.first, s.last, s.key_pts, s.key_dts, s.packets, s.pictures, s.weight})
      text += std::to_string(value) + " ";
  return text;
}

TEST(Cut, IsWhatTheRulesSay) {
  int cut = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937 random(seed);
    const Stream stream = any_stream(random);
    for (const Around around : {Around{}, Around{1, 0}, Around{0, 3}, Around{20, 20}})
      for (const std::int64_t length : {10, 35, 120}) {
        PacketScan scan = stream.scan();
        const double seconds = static_cast<double>(length) / 100;
        const auto ours = cut_into_segments(scan, {seconds, seconds / 2}, around);
        const auto wanted =
            Slow(stream, around).cut(length, std::llround(static_cast<double>(length) / 2));
        ASSERT_TRUE(ours == wanted) << "seed " << seed << ", length " << length << "\n"
                                    << text_of(ours) << "\n"
                                    << text_of(wanted);
        cut += ours.size() > 1;
      }
  }
  EXPECT_GT(cut, 1000);
}

// Ten hours at 60 fps in segments of a second: a loop over all packets for each would take hours.
TEST(Cut, TakesNoLoopOverAllPacketsForEachSegment) {
  Stream stream;
  for (std::int64_t i = 0; i < 10 * 3600 * 60; ++i) {
    stream.pts.push_back(i);
    stream.dts.push_back(i);
    stream.bytes.push_back(1000);
    stream.keys.push_back(i % 30 == 0);
  }
  for (const Around around : {Around{}, Around{5000, 5000}}) {
    PacketScan scan = stream.scan();
    scan.time_base = {1, 60};
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(cut_into_segments(scan, {1}, around).size(), 36000U);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
  }
}

// Whether a packet is a keyframe may be a read from storage.
TEST(Cut, AsksOnlyAboutPacketsThatDecide) {
  Stream stream;
  for (std::int64_t i = 0; i < 100000; ++i) {
    stream.pts.push_back(i);
    stream.dts.push_back(i);
    stream.bytes.push_back(1000);
    stream.keys.push_back(i % 25 == 0);
  }
  PacketScan scan = stream.scan();
  std::vector<int> asked(stream.size());
  scan.is_key = [&](std::size_t packet) { return ++asked[packet], stream.keys[packet]; };
  EXPECT_EQ(cut_into_segments(scan, {10}, {}).size(), 100U);  // of 1,000 packets, a key at each end
  EXPECT_EQ(std::ranges::max(asked), 1);
  EXPECT_LT(std::reduce(asked.begin(), asked.end()), 200);
}

TEST(Cut, ReadsAllPacketsWhereTheIndexIsWrong) {
  Stream stream;
  for (std::int64_t i = 0; i < 1000; ++i) {
    stream.pts.push_back(i);
    stream.dts.push_back(i);
    stream.bytes.push_back(1000);
    stream.keys.push_back(i % 25 == 0);
  }
  PacketScan scan = stream.scan();
  scan.is_key = [](std::size_t) -> bool { throw IndexDoubt(); };
  scan.read_all = [&stream] { return stream.scan(); };
  EXPECT_EQ(cut_into_segments(scan, {1}, {}).size(), 10U);
  scan.is_key = [](std::size_t) -> bool { throw IndexDoubt(); };
  scan.read_all = [&stream] {
    PacketScan damaged = stream.scan();
    damaged.obstacle = "the file is damaged";
    return damaged;
  };
  EXPECT_EQ(cut_into_segments(scan, {1}, {}).size(), 1U);
  EXPECT_EQ(scan.obstacle, "the file is damaged");
}

}  // namespace
}  // namespace quadrant
