// SPDX-License-Identifier: MIT
// The stages that move samples, against the definition: a picture that is a smooth function of the
// place, in all planes, is that function of the other place afterwards.
#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <opencv2/calib3d.hpp>

#include "pipeline/contract/view.h"
#include "tests/stage_reference.h"

namespace quadrant {
namespace {

using namespace test;
using testing::HasSubstr;

struct Place {
  double x = 0, y = 0;  // luma samples, from the centre of the first one
};

// Where the samples of a plane lie.
Place place_of(const Format& f, int plane, int x, int y) {
  const double across = 1 << f.pixels.log2_width(plane), down = 1 << f.pixels.log2_height(plane);
  const bool is_left = f.colour.chroma_location == 1 || f.colour.chroma_location == 3;
  const bool is_top = f.colour.chroma_location == 3;
  return {x * across + (is_left ? 0 : (across - 1) / 2), y * down + (is_top ? 0 : (down - 1) / 2)};
}

double smooth(const Format& f, int plane, Place at) {
  const double wave = std::sin(at.x / 17 + plane) * std::cos(at.y / 13 - plane);
  return std::round(top(f) * (0.5 + 0.3 * wave));
}

Frame smooth_picture(const Format& f) {
  return painted(f, 0, [&](int p, int x, int y) {
    return static_cast<int>(smooth(f, p, place_of(f, p, x, y)));
  });
}

// Compares where the place in the input lies well inside.
void expect_moved(const Frame& out, const Format& in, const std::function<Place(Place)>& to_input) {
  const Format& f = out.format();
  int compared = 0;
  for (int p = 0; p < f.pixels.planes(); ++p)
    for (int y = 0; y < f.plane_height(p); ++y)
      for (int x = 0; x < f.plane_width(p); ++x) {
        const Place at = to_input(place_of(f, p, x, y));
        if (at.x < 6 || at.y < 6 || at.x > in.width - 7 || at.y > in.height - 7) continue;
        ++compared;
        ASSERT_NEAR(sample(out, p, x, y), smooth(in, p, at), 0.012 * top(f))
            << f.describe() << " plane " << p << " at " << x << "," << y;
      }
  EXPECT_GT(compared, f.width * f.height / 3);
}

std::vector<Format> formats() {
  std::vector<Format> all;
  for (const char* pixels : {"yuv420p", "yuv422p10le", "yuv444p", "gray16le"})
    for (int location : {1, 2, 3}) {
      all.push_back(format(pixels, 96, 64));
      all.back().colour.chroma_location = location;
    }
  return all;
}

TEST(RotateByAnyAngle, MovesWhatItShows) {
  for (const Format& f : formats())
    for (double degrees : {12.5, -33.0, 200.0})
      for (const char* size : {"keep", "grow", "inside"}) {
        const Frame out =
            applied("rotate", {{"degrees", degrees}, {"size", size}}, smooth_picture(f));
        const Format& o = out.format();
        const double angle = degrees * std::numbers::pi / 180, c = std::cos(angle),
                     s = std::sin(angle);
        const double wide = std::abs(f.width * c) + std::abs(f.height * s);
        const double high = std::abs(f.width * s) + std::abs(f.height * c);
        const bool grows = std::string(size) == "grow";
        EXPECT_NEAR(o.width, grows ? wide : f.width, 2);
        EXPECT_NEAR(o.height, grows ? high : f.height, 2);
        const double zoom =
            std::string(size) == "inside" ? std::max(wide / f.width, high / f.height) : 1;
        expect_moved(out, f, [&](Place at) {
          const double x = (at.x - (o.width - 1) / 2.0) / zoom,
                       y = (at.y - (o.height - 1) / 2.0) / zoom;
          return Place{x * c + y * s + (f.width - 1) / 2.0, -x * s + y * c + (f.height - 1) / 2.0};
        });
      }
}

TEST(RotateByAnyAngle, ShowsNoBorderInside) {
  const Frame white = flat_picture(format("yuv420p", 96, 64), 235, 128);
  const Frame out =
      applied("rotate", {{"degrees", 7.0}, {"size", "inside"}, {"method", "linear"}}, white);
  expect_plane(out, 0, 1, [](int, int) { return 235; });
  const Frame kept = applied("rotate", {{"degrees", 7.0}, {"colour", "black"}}, white);
  EXPECT_EQ(sample(kept, 0, 0, 0), 16);
}

TEST(RotateByAnyAngle, KeepsShapesWhereSamplesAreNotSquare) {
  Format f = format("yuv444p", 96, 64);
  f.sample_aspect = {2, 1};
  const Frame out = applied("rotate", {{"degrees", 30.0}}, smooth_picture(f));
  EXPECT_EQ(out.format().sample_aspect, (Rational{2, 1}));
  expect_moved(out, f, [&](Place at) {
    const double x = 2 * (at.x - 47.5), y = at.y - 31.5, c = std::cos(std::numbers::pi / 6),
                 s = 0.5;
    return Place{(x * c + y * s) / 2 + 47.5, -x * s + y * c + 31.5};
  });
}

// Of a parallelogram the map is affine, and easily written down.
TEST(Perspective, MakesItsPlacesTheCorners) {
  for (const Format& f : formats()) {
    const Frame out = applied("perspective",
                              {{"top_left", "12 8"},
                               {"top_right", "78,2"},
                               {"bottom_left", "18 56"},
                               {"bottom_right", "84 50"},
                               {"width", number(80)}},
                              smooth_picture(f));
    EXPECT_EQ(out.format().width, 80);
    EXPECT_EQ(out.format().height, 64);
    expect_moved(out, f, [](Place at) {
      const double u = (at.x + 0.5) / 80, v = (at.y + 0.5) / 64;
      return Place{12 + 66 * u + 6 * v - 0.5, 8 - 6 * u + 48 * v - 0.5};
    });
  }
}

TEST(Perspective, MovesNothingByDefault) {
  for (const char* pixels : depths) {
    const Frame in = picture(format(pixels, 40, 24), 5);
    EXPECT_TRUE(same(in, applied("perspective", {}, in))) << pixels;
  }
}

TEST(Perspective, RefusesWhatIsNoArea) {
  EXPECT_THAT(refusal("perspective", {{"top_left", "90% 90%"}}),
              HasSubstr("clockwise from top_left"));
  EXPECT_THAT(refusal("perspective", {{"top_left", "12"}}),
              HasSubstr("top_left must be two numbers"));
  EXPECT_THAT(refusal("perspective", {{"top_left", "nan 3"}}),
              HasSubstr("top_left must be two numbers"));
}

// The model of cv::calibrateCamera, written down again.
TEST(Undistort, MovesByTheModel) {
  const cv::Matx33d k(90, 0, 47, 0, 88, 32, 0, 0, 1);
  const std::vector<double> d{-0.28, 0.08, 0.0015, -0.0013, 0.01};
  for (double keep : {0.0, 1.0}) {
    const cv::Matx33d seen(cv::getOptimalNewCameraMatrix(k, d, {96, 64}, keep, {96, 64}));
    for (const Format& f : formats()) {
      const Frame out =
          applied("undistort", {{"file", lens_file()}, {"keep", keep}}, smooth_picture(f));
      expect_moved(out, f, [&](Place at) {
        const double x = (at.x - seen(0, 2)) / seen(0, 0), y = (at.y - seen(1, 2)) / seen(1, 1);
        const double r = x * x + y * y, radial = 1 + r * (d[0] + r * (d[1] + r * d[4]));
        return Place{k(0, 0) * (x * radial + 2 * d[2] * x * y + d[3] * (r + 2 * x * x)) + k(0, 2),
                     k(1, 1) * (y * radial + d[2] * (r + 2 * y * y) + 2 * d[3] * x * y) + k(1, 2)};
      });
    }
  }
}

TEST(Undistort, RefusesWhatIsNoCalibration) {
  EXPECT_THAT(refusal("undistort", {{"file", "no-such-file.yaml"}}), HasSubstr("cannot be read"));
  EXPECT_THAT(refusal("undistort", {{"file", QUADRANT_SOURCE_DIR "/README.md"}}),
              HasSubstr("README.md: is no calibration"));
}

}  // namespace
}  // namespace quadrant
