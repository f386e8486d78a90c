// SPDX-License-Identifier: MIT
// deinterlace against FFmpeg's bwdif, and both against the progressive original that the fields
// were taken from.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "tests/stage_reference.h"

namespace quadrant {
namespace {

using namespace test;

// Something to see at time t: a slanting pattern that moves, a disc that moves the other way, and a
// part that stays. Never faster than some samples a field.
double scene(double x, double y, double t) {
  if (x < 40) return 0.5 + 0.3 * std::sin(x * 0.7) * std::cos(y * 0.45);
  const double dx = x - 110 + 2.3 * t, dy = y - 60 - 0.8 * t;
  if (dx * dx + dy * dy < 600) return 0.85 - 0.2 * std::cos(dx * 0.5);
  return 0.45 + 0.3 * std::sin((x - 1.7 * t) * 0.31 + y * 0.23) + 0.1 * std::sin(y * 0.9);
}

void paint_rows(const Frame& frame, double t, int first_row, int step) {
  const Format& f = frame.format();
  for (int p = 0; p < f.pixels.planes(); ++p) {
    const double sx = 1 << f.pixels.log2_width(p), sy = 1 << f.pixels.log2_height(p);
    for (int y = first_row; y < f.plane_height(p); y += step)
      for (int x = 0; x < f.plane_width(p); ++x) {
        const double v = scene((x + 0.5) * sx, (y + 0.5) * sy, t);
        const int level = static_cast<int>(std::lround(v * top(f)));
        std::uint8_t* row = frame.plane(p).data + y * frame.plane(p).stride;
        if (f.pixels.bytes_per_sample() == 1)
          row[x] = static_cast<std::uint8_t>(level);
        else
          reinterpret_cast<std::uint16_t*>(row)[x] = static_cast<std::uint16_t>(level);
      }
  }
}

Frame original(const Format& f, double t) {
  Frame frame = flat_picture(f, 0, 0);
  paint_rows(frame, t, 0, 1);
  return frame;
}

// Frame i holds the fields of times 2 i and 2 i + 1.
Clip interlaced(const Format& f, int frames, bool bottom_first) {
  Clip clip;
  for (int i = 0; i < frames; ++i) {
    const Frame frame = flat_picture(f, 0, 0);
    paint_rows(frame, 2 * i, bottom_first ? 1 : 0, 2);
    paint_rows(frame, 2 * i + 1, bottom_first ? 0 : 1, 2);
    clip.push_back(frame.at(i, 1));
  }
  return clip;
}

Clip by_bwdif(const Clip& in, bool bottom_first) {
  const auto stage =
      make_stage_of("ffmpeg", {{"filter", fmt::format("bwdif=mode=send_frame:deint=all:parity={}",
                                                      bottom_first ? "bff" : "tff")}});
  stage->configure(in[0].format());
  const auto graph = stage->begin(in_turn);
  Clip out;
  const Emit take = [&](Frame frame) { out.push_back(std::move(frame)); };
  for (const Frame& frame : in) stream_all(*stage, frame, graph.get(), take);
  stream_all(*stage, {}, graph.get(), take);
  return out;
}

double psnr(const Frame& a, const Frame& b) {
  const Format& f = a.format();
  double squares = 0, count = 0;
  for (int y = 0; y < f.height; ++y)
    for (int x = 0; x < f.width; ++x, ++count)
      squares += std::pow(sample(a, 0, x, y) - sample(b, 0, x, y), 2);
  return 10 * std::log10(double(top(f)) * top(f) * count / std::max(squares, 1e-9));
}

const char* order_name(bool bottom_first) { return bottom_first ? "bottom" : "top"; }

TEST(Deinterlace, IsBwdifAwayFromTheEdges) {
  for (const char* pixels : {"yuv420p", "yuv422p10le", "gray"})
    for (bool bottom_first : {false, true}) {
      const Clip in = interlaced(format(pixels, 160, 96), 6, bottom_first);
      const Clip ours = applied("deinterlace", {{"field_order", order_name(bottom_first)}}, in);
      const Clip theirs = by_bwdif(in, bottom_first);
      ASSERT_EQ(theirs.size(), in.size());
      for (std::size_t i = 1; i + 1 < in.size(); ++i)
        for (int p = 0; p < ours[i].format().pixels.planes(); ++p)
          for (int y = 6; y < ours[i].format().plane_height(p) - 6; ++y)
            for (int x = 0; x < ours[i].format().plane_width(p); ++x)
              ASSERT_EQ(sample(ours[i], p, x, y), sample(theirs[i], p, x, y))
                  << pixels << " frame " << i << " plane " << p << " at " << x << "," << y;
    }
}

TEST(Deinterlace, IsAsNearToTheOriginalAsBwdif) {
  for (const char* pixels : {"yuv420p", "yuv420p10le"}) {
    const Format f = format(pixels, 160, 96);
    const Clip in = interlaced(f, 6, false);
    const Clip ours = applied("deinterlace", {{"field_order", "top"}}, in);
    const Clip theirs = by_bwdif(in, false);
    double of_ours = 0, of_theirs = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const Frame wanted = original(f, 2.0 * static_cast<double>(i));
      of_ours += psnr(wanted, ours[i]), of_theirs += psnr(wanted, theirs[i]);
    }
    const auto frames = static_cast<double>(in.size());
    RecordProperty(std::string(pixels) + " deinterlace", std::to_string(of_ours / frames));
    RecordProperty(std::string(pixels) + " bwdif", std::to_string(of_theirs / frames));
    std::printf("%s: deinterlace %.2f dB, bwdif %.2f dB\n", pixels, of_ours / frames,
                of_theirs / frames);
    EXPECT_GE(of_ours, of_theirs);
  }
}

TEST(Deinterlace, MakesAPictureOfEachField) {
  const Format f = format("yuv420p", 160, 96);
  const Clip in = interlaced(f, 6, false);
  const auto stage = make_stage_of("deinterlace", {{"field_order", "top"}, {"rate", "field"}});
  const Format made = stage->configure(f);
  EXPECT_EQ(made.time_base, (Rational{1, 50}));
  EXPECT_EQ(made.frame_rate, (Rational{50, 1}));
  const auto state = stage->begin(in_turn);
  Clip out;
  const Emit take = [&](Frame frame) { out.push_back(std::move(frame)); };
  for (const Frame& frame : in) stream_all(*stage, frame, state.get(), take);
  stream_all(*stage, {}, state.get(), take);
  ASSERT_EQ(out.size(), 12u);
  const Clip of_frames = applied("deinterlace", {{"field_order", "top"}}, in);
  for (std::size_t i = 0; i < out.size(); ++i) {
    EXPECT_EQ(out[i].pts(), static_cast<std::int64_t>(i));
    EXPECT_EQ(same(out[i], of_frames[i / 2]), i % 2 == 0) << i;
    EXPECT_GT(psnr(original(f, static_cast<double>(i)), out[i]), 25) << i;
  }
}

TEST(Deinterlace, LeavesAStillPicture) {
  const Frame still = original(format("yuv420p", 64, 48), 3);
  const Clip in{still, still.at(1, 1), still.at(2, 1)};
  for (const Frame& out : applied("deinterlace", {}, in)) EXPECT_TRUE(same(still, out));
}

TEST(Deinterlace, MakesAProgressivePicture) {
  Format in = format("yuv420p", 64, 48);
  in.field_order = 2;
  const Format out = configured("deinterlace", {}, in);
  EXPECT_FALSE(out.interlaced());
  EXPECT_TRUE(out.deinterlaced);
}

}  // namespace
}  // namespace quadrant
