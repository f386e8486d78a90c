// SPDX-License-Identifier: MIT
// Each stage against a second implementation that is slow and plain: loops over samples, in double
// or in whole numbers, written from the definition and not from the stage.
#include "tests/stage_reference.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <tuple>

#include "pipeline/error.h"

namespace quadrant {
namespace {

using namespace test;
using testing::HasSubstr;

// The Gaussian in double, cut at 3 sigma.
double blurred(const Frame& in, int plane, int x, int y, double sigma) {
  const int radius = static_cast<int>(std::ceil(3 * sigma));
  double sum = 0, weights = 0;
  for (int j = -radius; j <= radius; ++j)
    for (int i = -radius; i <= radius; ++i) {
      const double w = std::exp(-(i * i + j * j) / (2 * sigma * sigma));
      sum += w * sample(in, plane, mirrored(x + i, in.format().plane_width(plane)),
                        mirrored(y + j, in.format().plane_height(plane)));
      weights += w;
    }
  return sum / weights;
}

TEST(Levels, FollowsItsFormula) {
  for (const char* pixels : depths)
    for (int range : {1, 2}) {
      Format f = format(pixels, 33, 20);
      f.colour.range = range;
      const Frame in = picture(f, 1);
      const Frame out =
          applied("levels", {{"brightness", 0.1}, {"contrast", 1.3}, {"gamma", 1.8}}, in);
      const double unit = std::exp2(f.pixels.depth() - 8);
      const double low = range == 1 ? 16 * unit : 0, high = range == 1 ? 235 * unit : top(f);
      expect_plane(out, 0, 0.51, [&](int x, int y) {
        double v = (sample(in, 0, x, y) - low) / (high - low);
        v = (v - 0.5) * 1.3 + 0.5 + 0.1;
        v = std::copysign(std::pow(std::abs(v), 1 / 1.8), v);
        return std::clamp(low + v * (high - low), 0.0, double(top(f)));
      });
      expect_copied(in, out, {1, 2, 3});
    }
}

TEST(Levels, GammaLeavesBlackAndWhite) {
  const Format f = format("yuv420p", 8, 8);
  for (int nominal : {16, 235})
    EXPECT_EQ(sample(applied("levels", {{"gamma", 2.5}}, flat_picture(f, nominal, 128)), 0, 0, 0),
              nominal);
}

TEST(Fade, IsLinearInTime) {
  for (const char* pixels : depths)
    for (const char* colour : {"black", "white"}) {
      Format f = format(pixels, 33, 20);
      f.end_seconds = 0.4;
      Clip in;
      for (int i = 0; i < 10; ++i) in.push_back(picture(f, unsigned(i), i));
      const auto stage = make_stage_of("fade", {{"in", 0.12}, {"out", 0.2}, {"colour", colour}});
      const Format out = stage->configure(f);
      const bool to_white = std::string(colour) == "white";
      const double unit = std::exp2(f.pixels.depth() - 8), level = (to_white ? 235 : 16) * unit;
      for (int i = 0; i < 10; ++i) {
        const double time = i * 0.04,
                     share = std::clamp(std::min(time / 0.12, 1 - (time - 0.2) / 0.2), 0.0, 1.0);
        const Frame faded = whole(*stage, out, in, i, nullptr);
        expect_plane(faded, 0, 0.51 + unit / 256, [&](int x, int y) {
          return level + (sample(in[std::size_t(i)], 0, x, y) - level) * share;
        });
        expect_copied(in[std::size_t(i)], faded, {3});
      }
    }
}

TEST(Fade, WantsToKnowWhenTheInputEnds) {
  EXPECT_THAT(refusal("fade", {{"out", 1.0}}), HasSubstr("out_start: SECONDS"));
  EXPECT_EQ(refusal("fade", {{"out", 1.0}, {"out_start", 3.0}}), "not refused");
  EXPECT_EQ(refusal("fade", {{"in", 1.0}}), "not refused");
}

TEST(Saturation, ScalesTheDistanceFromNeutral) {
  for (const char* pixels : {"yuv420p", "yuv422p10le", "yuva420p"}) {
    const Frame in = picture(format(pixels, 33, 20), 1);
    const Frame out = applied("saturation", {{"amount", 1.6}}, in);
    const int neutral = (top(in.format()) + 1) / 2;
    for (int p : {1, 2})
      expect_plane(out, p, 0.51, [&](int x, int y) {
        return std::clamp(neutral + (sample(in, p, x, y) - neutral) * 1.6, 0.0,
                          double(top(in.format())));
      });
    expect_copied(in, out, {0, 3});
  }
}

TEST(Blur, IsTheGaussian) {
  for (const char* pixels : depths)
    for (double sigma : {0.1, 0.7, 1.5, 5.0}) {
      const Frame in = picture(format(pixels, 25, 18), 2);
      const Frame out = applied("blur", {{"sigma", sigma}}, in);
      for (int p = 0; p < std::min(3, in.format().pixels.planes()); ++p)
        // 16 bits of weights have their own error at 16 bits of samples.
        expect_plane(out, p, 0.75 + top(in.format()) / 65536.0,
                     [&](int x, int y) { return blurred(in, p, x, y, sigma); });
      expect_copied(in, out, {3});
    }
}

TEST(Blur, LeavesAFlatPictureForEverySigma) {
  for (const char* pixels : depths)
    for (double sigma = 0.1; sigma < 20; sigma *= 1.25) {
      const Format f = format(pixels, 9, 70);
      for (int v : {0, 1, top(f) / 3, top(f)}) {
        const Frame flat = flat_picture(f, v, top(f) - v);
        EXPECT_TRUE(same(flat, applied("blur", {{"sigma", sigma}}, flat))) << sigma << pixels;
      }
    }
}

TEST(Sharpen, AddsWhatTheGaussianTakes) {
  for (const char* pixels : depths)
    for (double amount : {0.6, 4.0}) {
      const Frame in = picture(format(pixels, 25, 18), 3);
      const Frame out = applied("sharpen", {{"amount", amount}}, in);
      // The amount is rounded to 1/1024, the Gaussian to 1/128 of 8 bits or 1/16 of 12.
      expect_plane(out, 0, 0.6 + top(in.format()) / 2048.0 + amount * 0.1, [&](int x, int y) {
        const int v = sample(in, 0, x, y);
        return std::clamp(v + amount * (v - blurred(in, 0, x, y, 1.0)), 0.0,
                          double(top(in.format())));
      });
      expect_copied(in, out, {1, 2, 3});
    }
}

TEST(Median, IsTheMiddleOfTheSquare) {
  for (const char* pixels : depths)
    for (int radius : {1, 2}) {
      const Frame in = picture(format(pixels, 21, 14), 4);
      const Frame out = applied("median", {{"radius", number(radius)}}, in);
      for (int p = 0; p < std::min(3, in.format().pixels.planes()); ++p)
        expect_plane(out, p, 0, [&](int x, int y) {
          std::vector<int> all;
          for (int j = -radius; j <= radius; ++j)
            for (int i = -radius; i <= radius; ++i)
              all.push_back(sample(in, p, std::clamp(x + i, 0, in.format().plane_width(p) - 1),
                                   std::clamp(y + j, 0, in.format().plane_height(p) - 1)));
          std::ranges::sort(all);
          return all[all.size() / 2];
        });
      expect_copied(in, out, {3});
    }
}

// The definition, in double: patches repeat the picture's outermost samples, the mean stays inside.
TEST(Denoise, IsTheNonLocalMean) {
  for (const char* pixels : depths)
    for (auto [patch, search, strength] :
         {std::tuple{3, 7, 12.0}, {5, 9, 4.0}, {9, 5, 60.0}, {7, 15, 25.0}}) {
      const Frame in = applied("blur", {{"sigma", 0.8}}, picture(format(pixels, 19, 13), 5));
      const double level = std::exp2(in.format().pixels.depth() - 8);
      const Frame out = applied(
          "denoise", {{"strength", strength}, {"patch", number(patch)}, {"search", number(search)}},
          in);
      for (int p = 0; p < std::min(3, in.format().pixels.planes()); ++p) {
        const int width = in.format().plane_width(p), height = in.format().plane_height(p);
        const auto at = [&, p](int x, int y) {
          return double(sample(in, p, std::clamp(x, 0, width - 1), std::clamp(y, 0, height - 1)));
        };
        const int reach = search / 2, half = patch / 2;
        expect_plane(
            out, p, 0.51 + 0.05 * level, [&, patch = patch, strength = strength](int x, int y) {
              double sum = 0, weights = 0;
              for (int v = std::max(0, y - reach); v <= std::min(height - 1, y + reach); ++v)
                for (int u = std::max(0, x - reach); u <= std::min(width - 1, x + reach); ++u) {
                  double squares = 0;
                  for (int j = -half; j <= half; ++j)
                    for (int i = -half; i <= half; ++i)
                      squares += std::pow((at(x + i, y + j) - at(u + i, v + j)) / level, 2);
                  const double w = std::exp(-squares / (patch * patch * strength * strength));
                  sum += w * at(u, v);
                  weights += w;
                }
              return sum / weights;
            });
      }
      expect_copied(in, out, {3});
    }
}

TEST(Crop, TakesThePart) {
  for (const char* pixels : depths) {
    const Frame in = picture(format(pixels, 33, 20), 6);
    const Frame out = applied(
        "crop", {{"x", number(8)}, {"y", number(4)}, {"width", number(12)}, {"height", number(10)}},
        in);
    EXPECT_EQ(out.format().width, 12);
    EXPECT_EQ(out.format().height, 10);
    for (int p = 0; p < in.format().pixels.planes(); ++p) {
      const int dx = 8 >> in.format().pixels.log2_width(p);
      const int dy = 4 >> in.format().pixels.log2_height(p);
      expect_plane(out, p, 0, [&](int x, int y) { return sample(in, p, x + dx, y + dy); });
    }
  }
}

TEST(Pad, SurroundsWithTheColour) {
  for (const char* pixels : depths)
    for (int range : {1, 2}) {
      Format f = format(pixels, 17, 13);
      f.colour.range = range;
      const Frame in = picture(f, 7);
      const Frame out = applied("pad",
                                {{"left", number(4)},
                                 {"top", number(8)},
                                 {"right", number(3)},
                                 {"bottom", number(1)},
                                 {"colour", "white"}},
                                in);
      EXPECT_EQ(out.format().width, 24);
      EXPECT_EQ(out.format().height, 22);
      const int white = range == 1 ? 235 << (f.pixels.depth() - 8) : top(f);
      for (int p = 0; p < f.pixels.planes(); ++p) {
        const int dx = 4 >> f.pixels.log2_width(p), dy = 8 >> f.pixels.log2_height(p);
        const int border = p == 0 ? white : p == 3 ? top(f) : (top(f) + 1) / 2;
        expect_plane(out, p, 0, [&](int x, int y) {
          const bool inside =
              x >= dx && x < dx + f.plane_width(p) && y >= dy && y < dy + f.plane_height(p);
          return inside ? sample(in, p, x - dx, y - dy) : border;
        });
      }
    }
}

TEST(Flip, Mirrors) {
  for (const char* pixels : depths)
    for (const char* direction : {"horizontal", "vertical", "both"}) {
      const Frame in = picture(format(pixels, 33, 21), 8);
      const Frame out = applied("flip", {{"direction", direction}}, in);
      const bool h = direction[0] != 'v', v = direction[0] != 'h';
      for (int p = 0; p < in.format().pixels.planes(); ++p)
        expect_plane(out, p, 0, [&](int x, int y) {
          return sample(in, p, h ? in.format().plane_width(p) - 1 - x : x,
                        v ? in.format().plane_height(p) - 1 - y : y);
        });
    }
}

TEST(Rotate, TurnsClockwise) {
  for (const char* pixels : depths)
    for (int degrees : {90, 180, 270}) {
      const Frame in = picture(format(pixels, 33, 21), 9);
      const Frame out = applied("rotate", {{"degrees", double(degrees)}}, in);
      for (int p = 0; p < in.format().pixels.planes(); ++p) {
        const int w = in.format().plane_width(p), h = in.format().plane_height(p);
        expect_plane(out, p, 0, [&](int x, int y) {
          if (degrees == 90) return sample(in, p, y, h - 1 - x);
          if (degrees == 270) return sample(in, p, w - 1 - y, x);
          return sample(in, p, w - 1 - x, h - 1 - y);
        });
      }
    }
}

TEST(Rotate, TurnsAspectChromaAndItsPlace) {
  Format in = format("yuv422p10le", 64, 48);
  in.sample_aspect = {4, 3};
  in.colour.chroma_location = 1;  // left
  const Format out = configured("rotate", {}, in);
  EXPECT_EQ(out.pixels.name(), "yuv440p10le");
  EXPECT_EQ(out.width, 48);
  EXPECT_EQ(out.sample_aspect, (Rational{3, 4}));
  EXPECT_EQ(out.colour.chroma_location, 4);  // top
  const Format back = configured("rotate", {{"degrees", 270.0}}, out);
  EXPECT_TRUE(back.same_picture(in));
  EXPECT_EQ(back.colour, in.colour);
  EXPECT_EQ(configured("flip", {{"direction", "vertical"}}, in).colour.chroma_location, 1);
}

TEST(TemporalDenoise, IsTheWeightedMean) {
  for (const char* pixels : depths) {
    Clip in;
    for (int i = 0; i < 5; ++i)
      in.push_back(picture(format(pixels, 33, 20), 10 + unsigned(i) % 2, i));
    const int strength = 32, shift = in[0].format().pixels.depth() - 8;
    const Clip out =
        applied("temporal_denoise",
                {{"strength", number(strength)}, {"past", number(2)}, {"future", number(1)}}, in);
    for (int i = 0; i < 5; ++i)
      expect_plane(out[std::size_t(i)], 0, 0, [&](int x, int y) {
        const int now = sample(in[std::size_t(i)], 0, x, y);
        long sum = 0, weights = 0;
        for (int j = std::max(0, i - 2); j <= std::min(4, i + 1); ++j) {
          const int difference = sample(in[std::size_t(j)], 0, x, y) - now;
          const long w = std::max(0, (strength << shift) - std::abs(difference)) >> shift;
          sum += w * difference;
          weights += w;
        }
        return now + std::floor(double(2 * sum + weights) / double(2 * weights));
      });
  }
}

TEST(Deflicker, BringsTheMeanToThatOfTheLastFrames) {
  for (const char* pixels : {"yuv420p", "gray10le"}) {
    const Format f = format(pixels, 32, 32);
    const int unit = (top(f) + 1) / 256;
    Clip in;
    const int lumas[] = {100, 110, 105, 200, 190, 195, 16};
    for (int luma : lumas) in.push_back(flat_picture(f, luma * unit, 128 * unit));
    const Clip out = applied("deflicker", {{"frames", number(3)}}, in);
    // 200 is a cut from 105, so it starts anew; 16 is black.
    const double wanted[] = {100, 105, 105, 200, 195, 195, 16};
    for (std::size_t i = 0; i < std::size(wanted); ++i)
      EXPECT_NEAR(sample(out[i], 0, 5, 5), wanted[i] * unit, 0.51) << i;
  }
}

TEST(Clahe, IsNearOpenCvs) {
  cv::setNumThreads(0);
  const Frame in = picture(format("gray", 640, 360), 11);
  for (double limit : {1.0, 2.0, 10.0})
    for (int grid : {1, 4}) {
      const Frame out = applied("clahe", {{"clip_limit", limit}, {"grid", number(grid)}}, in);
      cv::Mat theirs;
      cv::createCLAHE(limit, {grid, grid})->apply(View(in).plane(0), theirs);
      expect_plane(out, 0, 2, [&](int x, int y) { return theirs.at<std::uint8_t>(y, x); });
    }
}

// A 10-bit copy of an 8-bit picture looks the same after each stage that could tell the depth.
TEST(EveryDepth, LooksTheSame) {
  const Frame bytes = picture(format("gray", 64, 48), 12);
  for (const char* deep : {"gray10le", "gray16le"}) {
    Frame words = picture(format(deep, 64, 48), 0);
    const double unit = (top(words.format()) + 1) / 256;
    const Plane plane = words.plane(0);
    for (int y = 0; y < 48; ++y)
      for (int x = 0; x < 64; ++x)
        reinterpret_cast<std::uint16_t*>(plane.data + y * plane.stride)[x] =
            static_cast<std::uint16_t>(sample(bytes, 0, x, y) * static_cast<int>(unit));
    for (const char* name : {"levels", "blur", "sharpen", "median", "denoise", "clahe"}) {
      const Frame a = applied(name, {}, bytes), b = applied(name, {}, words);
      SCOPED_TRACE(name);
      expect_plane(b, 0, 1.5 * unit, [&](int x, int y) { return sample(a, 0, x, y) * unit; });
    }
  }
}

// A smooth wave scaled is the same wave at the new places, whatever the kernel.
TEST(Scale, IsTheSamePictureAtAnotherSize) {
  for (const char* method : {"bicubic", "area", "lanczos"})
    for (auto [width, height] : {std::pair{40, 30}, std::pair{90, 80}}) {
      const auto wave = [](double x, double y) {
        return 120 + 60 * std::sin(x * std::numbers::pi / 16) * std::cos(y * std::numbers::pi / 12);
      };
      const Frame in = flat_picture(format("gray", 64, 48), 0, 0);
      for (int y = 0; y < 48; ++y)
        for (int x = 0; x < 64; ++x)
          in.plane(0).data[y * in.plane(0).stride + x] =
              static_cast<std::uint8_t>(std::lround(wave(x + 0.5, y + 0.5)));
      const Frame out = applied(
          "scale", {{"width", number(width)}, {"height", number(height)}, {"method", method}}, in);
      const double sx = 64.0 / width, sy = 48.0 / height;
      double worst = 0, squares = 0;
      for (int y = 2; y < height - 2; ++y)
        for (int x = 2; x < width - 2; ++x) {
          const double error = sample(out, 0, x, y) - wave((x + 0.5) * sx, (y + 0.5) * sy);
          worst = std::max(worst, std::abs(error));
          squares += error * error;
        }
      EXPECT_LT(worst, 6) << method << width;
      EXPECT_LT(std::sqrt(squares / (width * height)), 2) << method << width;
    }
}

TEST(Scale, KeepsTheAspect) {
  Format in = format("yuv420p", 1920, 1080);
  Format out = configured("scale", {{"width", number(854)}}, in);
  EXPECT_EQ(out.height, 480);
  EXPECT_EQ(out.sample_aspect, (Rational{1, 1}));
  out = configured("scale", {{"height", number(481)}}, format("gray", 1920, 1080));
  EXPECT_EQ(out.width, 855);
  in.sample_aspect = {0, 1};
  out = configured("scale", {{"width", number(720)}, {"height", number(576)}}, in);
  EXPECT_EQ(out.sample_aspect, (Rational{64, 45}));
  out = configured("scale", {{"width", number(960)}, {"height", number(540)}}, in);
  EXPECT_EQ(out.sample_aspect, (Rational{0, 1}));
}

TEST(Refusals, NameAWayOut) {
  EXPECT_THAT(refusal("scale", {}), HasSubstr("width or height must be given"));
  EXPECT_THAT(refusal("crop", {{"x", number(35)}}),
              testing::StrEq("x must be a multiple of 2 for yuv420p; nearest to 35 is 36"));
  EXPECT_THAT(refusal("crop", {{"x", number(63)}}), HasSubstr("nearest to 63 is 62"));
  EXPECT_THAT(refusal("crop", {{"x", number(64)}}), HasSubstr("less than the width"));
  EXPECT_THAT(refusal("crop", {{"x", number(60)}, {"width", number(8)}}),
              testing::StrEq("x + width must be at most 64: 4 is the largest width here, not 8"));
  EXPECT_THAT(refusal("crop", {{"width", number(9)}}), HasSubstr("nearest to 9 is 10"));
  EXPECT_THAT(refusal("pad", {{"left", number(3)}}), HasSubstr("nearest to 3 is 4"));
  EXPECT_THAT(refusal("rotate", {}, "yuv411p"), HasSubstr("convert first"));
}

}  // namespace
}  // namespace quadrant
