// SPDX-License-Identifier: MIT
#include "pipeline/media/scaler.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/error.h"
#include "tests/pictures.h"

namespace quadrant {
namespace {

using test::format;
using test::picture;
using test::same;

std::array<Plane, 4> planes(const Frame& frame) {
  std::array<Plane, 4> all{};
  for (int p = 0; p < frame.format().pixels.planes(); ++p) all[std::size_t(p)] = frame.plane(p);
  return all;
}

// The conversion in strips of `strip` rows (0: at once).
Frame converted(const Frame& in, const Format& to, ScaleMethod method, int strip = 0) {
  Scaler scaler(in.format(), to, method);
  const Frame out = FramePool(to).make(in);
  const int chroma_step = 1 << to.pixels.log2_chroma_height();
  const int step = strip == 0 ? to.height : (strip + chroma_step - 1) / chroma_step * chroma_step;
  for (int y = 0; y < to.height; y += step)
    scaler.rows(planes(in), planes(out), y, std::min(to.height, y + step));
  return out;
}

struct Pair {
  const char *from, *to;
};

const Pair pairs[] = {
    {"yuv420p", "yuv420p"},      {"yuv420p10le", "yuv420p"}, {"yuv420p", "yuv420p10le"},
    {"yuv422p", "yuv420p"},      {"yuv420p", "yuv444p"},     {"yuv444p16le", "yuv420p"},
    {"yuv410p", "yuv420p"},      {"rgb24", "yuv420p"},       {"yuv420p", "rgb24"},
    {"yuv420p10le", "gbrp10le"}, {"nv12", "yuv420p"},        {"p010le", "yuv420p10le"},
    {"yuva420p", "yuva420p"},    {"gray16le", "gray"},       {"yuvj420p", "yuv420p"},
    {"gray", "yuv420p"},         {"uyvy422", "yuv422p"},     {"bgra", "yuva444p"},
};

TEST(Scaler, AnyCutGivesTheWhole) {
  for (const Pair& pair : pairs)
    for (auto [width, height] :
         {std::pair{64, 48}, std::pair{40, 56}, std::pair{17, 13}, std::pair{1, 1}})
      for (int factor : {1, 2}) {
        const Frame in = picture(format(pair.from, width, height), 1);
        const Format to = format(pair.to, width * factor, height * factor);
        const Frame whole = converted(in, to, ScaleMethod::bicubic);
        for (int strip : {1, 6, 16, 20})
          EXPECT_TRUE(same(whole, converted(in, to, ScaleMethod::bicubic, strip)))
              << in.format().describe() << " to " << to.describe() << " by " << strip;
      }
}

TEST(Scaler, AnyCutGivesTheWholeForEveryMethodAndRatio) {
  for (ScaleMethod method : {ScaleMethod::bicubic, ScaleMethod::area, ScaleMethod::lanczos})
    for (const char* pixels : {"yuv420p", "yuv422p10le", "yuva444p16le", "gray12le"})
      for (auto [width, height] : {std::pair{33, 20}, std::pair{200, 7}, std::pair{64, 90}}) {
        const Frame in = picture(format(pixels, 64, 48), 2);
        const Format to = format(pixels, width, height);
        EXPECT_TRUE(same(converted(in, to, method), converted(in, to, method, 1))) << to.describe();
      }
}

// A flat colour through the matrix, by the book (H.273), in double.
TEST(Scaler, UsesTheMatrixAndRangeOfTheFrame) {
  struct Case {
    int matrix;
    double kr, kb;
  };
  for (const Case& c : {Case{1, 0.2126, 0.0722}, Case{5, 0.299, 0.114}, Case{9, 0.2627, 0.0593}})
    for (bool full : {false, true}) {
      Format in = format("yuv444p", 16, 16);
      in.colour.matrix = c.matrix;
      in.colour.range = full ? 2 : 1;
      const int luma = 130, chroma = 150;
      const Frame rgb = converted(test::flat_picture(in, luma, chroma), format("rgb24", 16, 16),
                                  ScaleMethod::bicubic);
      const double y = full ? luma / 255.0 : (luma - 16) / 219.0;
      const double cr = (chroma - 128) / (full ? 255.0 : 224.0);
      const double red = y + 2 * (1 - c.kr) * cr, blue = y + 2 * (1 - c.kb) * cr;
      EXPECT_NEAR(rgb.plane(0).data[0], red * 255, 1.01) << c.matrix << full;
      EXPECT_NEAR(rgb.plane(0).data[2], blue * 255, 1.01) << c.matrix << full;
    }
}

TEST(Scaler, GuessesTheMatrixFromTheHeight) {
  for (int height : {576, 720}) {
    Format known = format("yuv444p", 16, height);
    known.colour.matrix = height >= 720 ? 1 : 5;
    const Format to = format("rgb24", 16, height);
    Format unknown = known;
    unknown.colour.matrix = 2;
    EXPECT_TRUE(same(converted(picture(known, 3), to, ScaleMethod::bicubic),
                     converted(picture(unknown, 3), to, ScaleMethod::bicubic)));
  }
}

// Left-sited and centred chroma of the same picture are half a luma sample apart.
TEST(Scaler, UsesTheChromaLocation) {
  Format left = format("yuv420p", 64, 16), centre = left;
  left.colour.chroma_location = 1;
  centre.colour.chroma_location = 2;
  const Format to = format("yuv444p", 64, 16);
  // A chroma ramp of 4 a sample is 2 a luma sample, so half of one is worth 1.
  const auto upsampled = [&](const Format& in) {
    Frame frame = test::flat_picture(in, 100, 128);
    for (int y = 0; y < 8; ++y)
      for (int x = 0; x < 32; ++x)
        frame.plane(1).data[y * frame.plane(1).stride + x] = static_cast<std::uint8_t>(64 + 4 * x);
    return test::sample(converted(frame, to, ScaleMethod::bicubic), 1, 32, 8);
  };
  EXPECT_EQ(upsampled(left), 64 + 4 * 16);
  EXPECT_EQ(upsampled(left) - upsampled(centre), 1);
}

TEST(Scaler, RefusesWhatLibswscaleCannotDo) {
  EXPECT_THROW(
      Scaler(format("bayer_rggb8", 16, 16), format("bayer_rggb8", 8, 8), ScaleMethod::bicubic),
      Error);
}

}  // namespace
}  // namespace quadrant
