// SPDX-License-Identifier: MIT
// The stages on tones and colours against a second implementation: loops over samples, in double,
// from the definitions.
#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <numbers>
#include <sstream>

#include "tests/stage_reference.h"

namespace quadrant {
namespace {

using namespace test;
using testing::HasSubstr;

using Colour3 = std::array<double, 3>;  // red, green, blue; or luma, cb, cr
using OfColour = std::function<Colour3(Colour3)>;

struct Levels3 {
  double low, luma, neutral, chroma;
  explicit Levels3(const Format& f) {
    const double unit = std::exp2(f.pixels.depth() - 8);
    const bool full = f.colour.range == 2;
    low = full ? 0 : 16 * unit;
    luma = full ? top(f) : 219 * unit;
    neutral = 128 * unit;
    chroma = full ? top(f) : 224 * unit;
  }
};

// Every plane of `in` with `of` applied to the colour of each luma sample; chroma is the mean.
class OnRgb {
 public:
  // The weights of luma, and those of the output.
  OnRgb(const Frame& in, std::array<double, 2> k, std::array<double, 2> to, OfColour of)
      : in_(in), l_(in.format()), kr_(k[0]), kb_(k[1]), to_(to), of_(std::move(of)) {}

  double luma(int x, int y) const {
    return std::clamp(l_.low + l_.luma * made(x, y)[0], 0.0, most());
  }
  double chroma(int plane, int x, int y) const {
    const PixelFormat p = in_.format().pixels;
    double sum = 0, count = 0;
    for (int j = y << p.log2_chroma_height(); j < (y + 1) << p.log2_chroma_height(); ++j)
      for (int i = x << p.log2_chroma_width(); i < (x + 1) << p.log2_chroma_width(); ++i)
        if (i < in_.format().width && j < in_.format().height)
          sum += made(i, j)[std::size_t(plane)], ++count;
    return std::clamp(l_.neutral + l_.chroma * sum / count, 0.0, most());
  }

 private:
  double most() const { return top(in_.format()); }
  Colour3 made(int x, int y) const {
    const PixelFormat p = in_.format().pixels;
    double cb = 0, cr = 0;
    if (p.has_chroma()) {
      const int i = x >> p.log2_chroma_width(), j = y >> p.log2_chroma_height();
      cb = (sample(in_, 1, i, j) - l_.neutral) / l_.chroma;
      cr = (sample(in_, 2, i, j) - l_.neutral) / l_.chroma;
    }
    const double v = (sample(in_, 0, x, y) - l_.low) / l_.luma, kg = 1 - kr_ - kb_;
    const double r = v + 2 * (1 - kr_) * cr, b = v + 2 * (1 - kb_) * cb;
    const Colour3 c = of_({r, (v - kr_ * r - kb_ * b) / kg, b});
    const auto [r2, b2] = to_;
    const double level = r2 * c[0] + (1 - r2 - b2) * c[1] + b2 * c[2];
    return {level, (c[2] - level) / (2 * (1 - b2)), (c[0] - level) / (2 * (1 - r2))};
  }

  const Frame& in_;
  Levels3 l_;
  double kr_, kb_;
  std::array<double, 2> to_;
  OfColour of_;
};

void expect_on_rgb(const Frame& in, const Frame& out, double kr, double kb, const OfColour& of) {
  const OnRgb wanted(in, {kr, kb}, {kr, kb}, of);
  const double tolerance = 0.52 + top(in.format()) / 20000.0;
  expect_plane(out, 0, tolerance, [&](int x, int y) { return wanted.luma(x, y); });
  for (int p = 1; p < std::min(3, in.format().pixels.planes()); ++p)
    expect_plane(out, p, tolerance, [&](int x, int y) { return wanted.chroma(p, x, y); });
  expect_copied(in, out, {3});
}

const char* const colour_depths[] = {"yuv420p", "yuv422p10le", "yuv444p16le", "yuva420p",
                                     "yuv410p"};

TEST(Grayscale, LeavesTheLuma) {
  for (const char* pixels : {"yuv420p", "yuv422p10le", "yuva420p"}) {
    const Frame in = picture(format(pixels, 33, 20), 1);
    const Frame out = applied("grayscale", {}, in);
    expect_copied(in, out, {0, 3});
    for (int p : {1, 2})
      expect_plane(out, p, 0, [&](int, int) { return (top(in.format()) + 1) / 2; });
  }
  const Frame in = picture(format("yuv422p10le", 33, 20), 1);
  const Frame out = applied("grayscale", {{"drop_chroma", true}}, in);
  EXPECT_EQ(out.format().pixels.name(), "gray10le");
  expect_copied(in, out, {0});
  EXPECT_THAT(refusal("grayscale", {{"drop_chroma", true}}, "yuva420p"),
              HasSubstr("leave drop_chroma false"));
}

// Lagrange's polynomials in place of the stage's equations: a natural spline with one inner point
// has slopes that can be written down.
double natural_of_three(double x, double px, double py) {
  const double h0 = px, h1 = 1 - px, d0 = py / h0, d1 = (1 - py) / h1;
  const double bend = 3 * (d1 - d0) / (h0 + h1);  // the second derivative in the middle
  if (x <= px) return d0 * x + bend / 6 * (x * x * x / h0 - h0 * x);
  const double u = 1 - x;
  return 1 - d1 * u + bend / 6 * (u * u * u / h1 - h1 * u);
}

TEST(Curves, NaturalIsTheSplineOnTheLuma) {
  for (const char* pixels : depths)
    for (int range : {1, 2}) {
      Format f = format(pixels, 33, 20);
      f.colour.range = range;
      const Frame in = picture(f, 1);
      const Frame out =
          applied("curves", {{"luma", "0/0 0.3/0.45 1/1"}, {"interpolation", "natural"}}, in);
      const Levels3 l(f);
      expect_plane(out, 0, 0.51, [&](int x, int y) {
        const double v = std::clamp((sample(in, 0, x, y) - l.low) / l.luma, 0.0, 1.0);
        return l.low + l.luma * std::clamp(natural_of_three(v, 0.3, 0.45), 0.0, 1.0);
      });
      expect_copied(in, out, {1, 2, 3});
    }
}

TEST(Curves, MonotoneGoesThroughThePointsAndNeverTurnsBack) {
  const Format f = format("gray16le", 4096, 1);
  Frame in = picture(f, 1);
  auto* row = reinterpret_cast<std::uint16_t*>(in.plane(0).data);
  for (int x = 0; x < 4096; ++x) row[x] = static_cast<std::uint16_t>(x * 16);
  const Frame out = applied("curves", {{"luma", "0/0 0.2/0.02 0.25/0.9 0.8/0.9 1/1"}}, in);
  const Levels3 l(f);
  const auto at = [&](double v) { return int(std::lround((l.low + v * l.luma) / 16)); };
  for (const auto& [x, y] : {std::pair{0.0, 0.0}, {0.2, 0.02}, {0.25, 0.9}, {0.5, 0.9}, {1.0, 1.0}})
    EXPECT_NEAR((sample(out, 0, at(x), 0) - l.low) / l.luma, y, 0.003);
  for (int x = 1; x < 4096; ++x) ASSERT_GE(sample(out, 0, x, 0), sample(out, 0, x - 1, 0)) << x;
}

TEST(Curves, WorkOnRedGreenAndBlue) {
  const auto curve = [](double v, double x, double y) {
    return std::clamp(natural_of_three(std::clamp(v, 0.0, 1.0), x, y), 0.0, 1.0);
  };
  for (const char* pixels : colour_depths) {
    const Frame in = picture(format(pixels, 35, 21), 2);  // 21 rows: BT.601
    const Frame out = applied(
        "curves",
        {{"red", "0/0 0.4/0.5 1/1"}, {"blue", "0/0 0.5/0.3 1/1"}, {"interpolation", "natural"}},
        in);
    expect_on_rgb(in, out, 0.299, 0.114, [&](Colour3 c) {
      return Colour3{curve(c[0], 0.4, 0.5), c[1], curve(c[2], 0.5, 0.3)};
    });
  }
}

TEST(Curves, RefusePointsThatAreNone) {
  EXPECT_THAT(refusal("curves", {{"luma", "0/0 1"}}), HasSubstr("luma must be points X/Y"));
  EXPECT_THAT(refusal("curves", {{"red", "0/0 1/2"}}), HasSubstr("from 0 to 1"));
  EXPECT_THAT(refusal("curves", {{"red", "0.5/0 0.4/1"}}), HasSubstr("0.4 follows 0.5"));
}

TEST(WhiteBalance, MultipliesTheLight) {
  for (const char* pixels : colour_depths)
    for (int range : {1, 2}) {
      Format f = format(pixels, 35, 21);
      f.colour.range = range;
      f.colour.matrix = 1;
      const Frame in = picture(f, 3);
      const Frame out = applied("white_balance", {{"red", 1.5}, {"green", 0.9}, {"blue", 0.5}}, in);
      // The luminance of grey stays for the temperature alone.
      expect_on_rgb(in, out, 0.2126, 0.0722, [](Colour3 c) {
        return Colour3{c[0] * std::pow(1.5, 1 / 2.4), c[1] * std::pow(0.9, 1 / 2.4),
                       c[2] * std::pow(0.5, 1 / 2.4)};
      });
    }
}

// CIE 015: illuminant A (2856 K) has x = 0.44757, y = 0.40745; a grey card under it is grey
// afterwards. D65's own deviation from a black body of 6500 K is left out on both sides.
TEST(WhiteBalance, MakesALightBulbWhite) {
  Format f = format("yuv444p16le", 2, 2);
  f.colour.matrix = 1;
  const auto linear = [](double x, double y) {
    const double X = x / y, Z = (1 - x - y) / y;
    return Colour3{3.2404542 * X - 1.5371385 - 0.4985314 * Z,
                   -0.9692660 * X + 1.8760108 + 0.0415560 * Z,
                   0.0556434 * X - 0.2040259 + 1.0572252 * Z};
  };
  Colour3 rgb = linear(0.44757, 0.40745);
  const Colour3 white = linear(0.3135, 0.3237);  // a black body of 6500 K
  for (std::size_t i = 0; i < 3; ++i) rgb[i] = std::pow(0.3 * rgb[i] / white[i], 1 / 2.4);
  const double y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
  const Levels3 l(f);
  const Frame in = flat_picture(f, int(l.low + l.luma * y), 0);
  const double cb = l.neutral + l.chroma * (rgb[2] - y) / 1.8556;
  const double cr = l.neutral + l.chroma * (rgb[0] - y) / 1.5748;
  for (const auto& [plane, value] : {std::pair{1, cb}, {2, cr}})
    for (int i = 0; i < 4; ++i)
      reinterpret_cast<std::uint16_t*>(in.plane(plane).data +
                                       (i / 2) * in.plane(plane).stride)[i % 2] =
          static_cast<std::uint16_t>(value);
  const Frame out = applied("white_balance", {{"temperature", 2856.0}}, in);
  for (int p : {1, 2}) {
    EXPECT_GT(std::abs(sample(in, p, 0, 0) - l.neutral) / l.chroma, 0.05);
    EXPECT_LT(std::abs(sample(out, p, 0, 0) - l.neutral) / l.chroma, 0.005);
  }
}

struct Cube {
  int points = 0;
  std::vector<Colour3> colours;
  Colour3 at(int r, int g, int b) const {
    return colours[static_cast<std::size_t>((b * points + g) * points + r)];
  }
  // Six tetrahedra, written out one by one.
  Colour3 operator()(Colour3 c) const {
    int i[3];
    double f[3];
    for (std::size_t k = 0; k < 3; ++k) {
      const double v = std::clamp(c[k], 0.0, 1.0) * (points - 1);
      i[k] = std::min(static_cast<int>(v), points - 2);
      f[k] = v - i[k];
    }
    const auto corner = [&](int r, int g, int b) { return at(i[0] + r, i[1] + g, i[2] + b); };
    const auto mixed = [&](double a, Colour3 p, double b, Colour3 q) {
      const double first = 1 - std::max({f[0], f[1], f[2]}), last = std::min({f[0], f[1], f[2]});
      Colour3 sum{};
      for (std::size_t k = 0; k < 3; ++k)
        sum[k] = first * corner(0, 0, 0)[k] + a * p[k] + b * q[k] + last * corner(1, 1, 1)[k];
      return sum;
    };
    const double r = f[0], g = f[1], b = f[2];
    if (r >= g && g >= b) return mixed(r - g, corner(1, 0, 0), g - b, corner(1, 1, 0));
    if (r >= b && b >= g) return mixed(r - b, corner(1, 0, 0), b - g, corner(1, 0, 1));
    if (b >= r && r >= g) return mixed(b - r, corner(0, 0, 1), r - g, corner(1, 0, 1));
    if (g >= r && r >= b) return mixed(g - r, corner(0, 1, 0), r - b, corner(1, 1, 0));
    if (g >= b && b >= r) return mixed(g - b, corner(0, 1, 0), b - r, corner(0, 1, 1));
    return mixed(b - g, corner(0, 0, 1), g - r, corner(0, 1, 1));
  }
};

TEST(Lut3d, InterpolatesInTetrahedra) {
  const std::string path = QUADRANT_SOURCE_DIR "/data/warm.cube";
  Cube cube;
  std::ifstream in_file(path);
  for (std::string line; std::getline(in_file, line);) {
    std::istringstream words(line);
    Colour3 c{};
    if (line.starts_with("LUT_3D_SIZE "))
      cube.points = std::stoi(line.substr(12));
    else if (words >> c[0] >> c[1] >> c[2])
      cube.colours.push_back(c);
  }
  ASSERT_EQ(cube.colours.size(), std::size_t(cube.points * cube.points * cube.points));
  for (const char* pixels : colour_depths) {
    Format f = format(pixels, 35, 21);
    f.colour.matrix = 1;
    const Frame in = picture(f, 3);
    expect_on_rgb(in, applied("lut3d", {{"file", path}}, in), 0.2126, 0.0722, cube);
  }
}

TEST(Lut3d, RefusesWhatIsNoTable) {
  const auto refused = [](const std::string& content) {
    const std::string path = testing::TempDir() + "quadrant_lut3d_test.cube";
    std::ofstream(path) << content;
    return refusal("lut3d", {{"file", path}});
  };
  EXPECT_THAT(refusal("lut3d", {{"file", "nowhere.cube"}}), HasSubstr("nowhere.cube: this table"));
  EXPECT_THAT(refused("TITLE \"x\"\n"), HasSubstr("there is no LUT_3D_SIZE"));
  EXPECT_THAT(refused("LUT_3D_SIZE 2\n0 0 0\n"),
              HasSubstr("has 1 colours, but LUT_3D_SIZE 2 needs 8"));
  EXPECT_THAT(refused("LUT_3D_SIZE 2\n0 0\n"), HasSubstr(".cube:2: a line must be three numbers"));
  EXPECT_THAT(refused("LUT_1D_SIZE 2\n"), HasSubstr("the stage curves does that"));
  EXPECT_THAT(refused("LUT_3D_SIZE 999\n"), HasSubstr("from 2 to 256"));
}

// SMPTE ST 2084 and BT.2390, with light in cd/m2.
double pq_light(double v) {
  const double p = std::pow(std::clamp(v, 0.0, 1.0), 1 / 78.84375);
  return 1e4 * std::pow(std::max(p - 107.0 / 128, 0.0) / (2413.0 / 128 - 2392.0 / 128 * p),
                        8192 / 1305.0);
}
double pq_value(double light) {
  const double y = std::pow(light / 1e4, 1305 / 8192.0);
  return std::pow((107.0 / 128 + 2413.0 / 128 * y) / (1 + 2392.0 / 128 * y), 78.84375);
}
double eetf(double light, double peak, double white) {
  const double e1 = std::min(pq_value(light) / pq_value(peak), 1.0);
  const double most = pq_value(white) / pq_value(peak), ks = 1.5 * most - 0.5;
  if (e1 < ks) return light;
  const double t = (e1 - ks) / (1 - ks);
  const double e2 = (2 * t * t * t - 3 * t * t + 1) * ks + (t * t * t - 2 * t * t + t) * (1 - ks) +
                    (-2 * t * t * t + 3 * t * t) * most;
  return pq_light(e2 * pq_value(peak));
}

TEST(Tonemap, IsBt2390InLinearLight) {
  const OfColour of = [](Colour3 c) {
    for (double& v : c) v = pq_light(v);
    Colour3 here{1.660491 * c[0] - 0.587641 * c[1] - 0.072850 * c[2],
                 -0.124550 * c[0] + 1.132900 * c[1] - 0.008349 * c[2],
                 -0.018151 * c[0] - 0.100579 * c[1] + 1.118730 * c[2]};
    for (double& v : here) v = std::max(v, 0.0);
    const double most = std::max({here[0], here[1], here[2]});
    for (double& v : here)
      v = most > 0 ? std::pow(std::min(v / 203 * eetf(most, 1500, 203) / most, 1.0), 1 / 2.4) : 0;
    return here;
  };
  for (const char* pixels : {"yuv420p10le", "yuv444p12le", "yuv422p16le"}) {
    Format f = format(pixels, 35, 21);
    f.colour = {.range = 1, .primaries = 9, .transfer = 16, .matrix = 9};
    const Frame in = picture(f, 8), out = applied("tonemap", {{"peak", 1500.0}}, in);
    const OnRgb wanted(in, {0.2627, 0.0593}, {0.2126, 0.0722}, of);
    const double tolerance = 0.52 + top(f) / 2500.0;
    expect_plane(out, 0, tolerance, [&](int x, int y) { return wanted.luma(x, y); });
    for (int p : {1, 2})
      expect_plane(out, p, tolerance, [&](int x, int y) { return wanted.chroma(p, x, y); });
  }
}

TEST(Tonemap, PutsWhiteAndBlackWhereTheyBelong) {
  Format f = format("yuv420p10le", 16, 16);
  f.colour = {.range = 1, .primaries = 9, .transfer = 16, .matrix = 9};
  const auto luma_of = [&](double light) {
    const int coded = int(std::lround(64 + 876 * pq_value(light)));
    return sample(applied("tonemap", {}, flat_picture(f, coded, 512)), 0, 3, 3);
  };
  EXPECT_EQ(luma_of(0), 64);
  EXPECT_NEAR(luma_of(1000), 940, 1);
  EXPECT_NEAR((luma_of(20) - 64) / 876.0, std::pow(20.0 / 203, 1 / 2.4), 0.004);  // below the knee
  const Format out = configured("tonemap", {}, f);
  EXPECT_EQ(out.colour.primaries, 1);
  EXPECT_EQ(out.colour.transfer, 1);
  EXPECT_EQ(out.colour.matrix, 1);
  EXPECT_THAT(refusal("tonemap", {}), HasSubstr("not tagged as PQ or HLG"));
  f.colour.transfer = 18;  // HLG: 75 % is the light of a sheet of paper, 203 cd/m2
  const Frame paper = applied("tonemap", {}, flat_picture(f, 64 + 657, 512));
  EXPECT_NEAR((sample(paper, 0, 3, 3) - 64) / 876.0, std::pow(eetf(203, 1000, 203) / 203, 1 / 2.4),
              0.01);
}

TEST(Vignette, IsTheFourthPowerOfTheCosine) {
  for (const char* pixels : depths)
    for (const char* direction : {"darken", "lighten"}) {
      const Frame in = picture(format(pixels, 45, 30), 4);
      const Format& f = in.format();
      const Frame out =
          applied("vignette", {{"angle", 50.0}, {"x", 0.25}, {"direction", direction}}, in);
      const Levels3 l(f);
      for (int p = 0; p < std::min(3, f.pixels.planes()); ++p)
        expect_plane(out, p, 0.51 + top(f) / 30000.0, [&](int x, int y) {
          const double sx = 1 << f.pixels.log2_width(p), sy = 1 << f.pixels.log2_height(p);
          const double dx = (x + 0.5) * sx - 11.25, dy = (y + 0.5) * sy - 15;
          const double d = std::hypot(dx, dy) / (std::hypot(45, 30) / 2);
          double factor = std::pow(std::cos(std::min(d * 50 / 180, 0.5) * std::numbers::pi), 4);
          if (direction[0] == 'l') factor = 1 / std::max(factor, 1.0 / 16);
          const double base = p == 0 ? l.low : l.neutral;
          return std::clamp(base + (sample(in, p, x, y) - base) * factor, 0.0, double(top(f)));
        });
      expect_copied(in, out, {3});
    }
}

// The difference between two pictures of one grey.
struct Measured {
  double mean = 0, deviation = 0, beside = 0;  // beside: correlation with the sample to the right
};
Measured measured(const Frame& out, int plane, int grey) {
  const int w = out.format().plane_width(plane), h = out.format().plane_height(plane);
  double sum = 0, squares = 0, products = 0;
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x) {
      const double v = sample(out, plane, x, y) - grey;
      sum += v, squares += v * v;
      if (x + 1 < w) products += v * (sample(out, plane, x + 1, y) - grey);
    }
  const double n = double(w) * h;
  return {sum / n, std::sqrt(squares / n), products / squares};
}

TEST(Grain, HasItsStrengthAtEveryDepthAndSize) {
  for (const char* pixels : {"yuv420p", "yuv444p10le", "gray16le"})
    for (int size : {1, 3}) {
      const Format f = format(pixels, 320, 200);
      const int unit = (top(f) + 1) / 256;
      const Frame in = flat_picture(f, 120 * unit, 128 * unit);
      const Frame out =
          applied("grain", {{"strength", 6.0}, {"chroma", 2.0}, {"size", number(size)}}, in);
      const Measured luma = measured(out, 0, 120 * unit);
      EXPECT_NEAR(luma.mean / unit, 0, 0.15);
      EXPECT_NEAR(luma.deviation / unit, 6, 0.3);
      EXPECT_NEAR(luma.beside, size == 1 ? 0 : 2.0 / 3, 0.05);
      if (!f.pixels.has_chroma()) continue;
      EXPECT_NEAR(measured(out, 1, 128 * unit).deviation / unit, 2, 0.3);
    }
}

TEST(Grain, DependsOnSeedAndTimeAlone) {
  const Format f = format("yuv420p", 64, 48);
  const Frame a = flat_picture(f, 120, 128), later = a.at(7, 1);
  const Frame grain = applied("grain", {}, a);
  EXPECT_TRUE(same(grain, applied("grain", {}, a)));
  EXPECT_FALSE(same(grain, applied("grain", {}, later)));
  EXPECT_FALSE(same(grain, applied("grain", {{"seed", number(2)}}, a)));
  EXPECT_TRUE(
      same(applied("grain", {{"still", true}}, a), applied("grain", {{"still", true}}, later)));
  for (int end : {16, 235})  // black and white stay
    EXPECT_TRUE(same(flat_picture(f, end, 128), applied("grain", {}, flat_picture(f, end, 128))));
}

TEST(Bilateral, IsTheMeanByDistanceAndDifference) {
  for (const char* pixels : depths) {
    const Frame in = picture(format(pixels, 23, 15), 5);
    const double unit = std::exp2(in.format().pixels.depth() - 8), sigma = 1.5, strength = 60;
    const Frame out = applied("bilateral", {{"sigma", sigma}, {"strength", strength}}, in);
    for (int p = 0; p < std::min(3, in.format().pixels.planes()); ++p)
      // Weights are rounded to 1/255.
      expect_plane(out, p, 0.5 + unit * 0.4, [&](int x, int y) {
        double sum = 0, weights = 0;
        for (int j = -3; j <= 3; ++j)
          for (int i = -3; i <= 3; ++i) {
            if (i * i + j * j > 9 || x + i < 0 || y + j < 0 ||
                x + i >= in.format().plane_width(p) || y + j >= in.format().plane_height(p))
              continue;
            const int other = sample(in, p, x + i, y + j);
            const double d = (other - sample(in, p, x, y)) / (strength * unit + 0.5);
            const double like = std::pow(std::max(0.0, 1 - d * d), 2);
            const double w = like * std::exp(-(i * i + j * j) / (2 * sigma * sigma));
            sum += w * other, weights += w;
          }
        return sum / weights;
      });
    expect_copied(in, out, {3});
  }
}

TEST(Edges, AreTheGradient) {
  for (const char* pixels : depths)
    for (bool over : {false, true}) {
      const Frame in = picture(format(pixels, 23, 15), 6);
      const Format& f = in.format();
      const Levels3 l(f);
      const Frame out = applied("edges", {{"gain", 0.7}, {"threshold", 0.0}, {"over", over}}, in);
      const auto at = [&](int x, int y) {
        return sample(in, 0, std::clamp(x, 0, f.width - 1), std::clamp(y, 0, f.height - 1));
      };
      expect_plane(out, 0, 1, [&](int x, int y) {
        double across = 0, down = 0;
        for (int i = -1; i <= 1; ++i) {
          const int weight = i == 0 ? 2 : 1;
          across += weight * (at(x + 1, y + i) - at(x - 1, y + i));
          down += weight * (at(x + i, y + 1) - at(x + i, y - 1));
        }
        const double line = std::min(0.7 / 4 * std::hypot(across, down), l.luma);
        const int now = at(x, y);
        return over ? std::max(std::min<double>(now, l.low), now - line) : l.low + line;
      });
      if (over) expect_copied(in, out, {1, 2, 3});
    }
  const Frame flat = flat_picture(format("yuv420p", 16, 16), 90, 40);
  EXPECT_TRUE(same(flat_picture(format("yuv420p", 16, 16), 16, 128), applied("edges", {}, flat)));
}

}  // namespace
}  // namespace quadrant
