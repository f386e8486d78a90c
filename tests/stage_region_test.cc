// SPDX-License-Identifier: MIT
// The stages that lay something over a picture or change its shape, against a second
// implementation: loops over samples, in double, from the definitions; and fit against scale, crop
// and pad.
#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "pipeline/media/picture_file.h"
#include "tests/stage_reference.h"

namespace quadrant {
namespace {

using namespace test;
using testing::HasSubstr;

const std::string badge = QUADRANT_SOURCE_DIR "/data/overlay.png";

class WithFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "quadrant-stage-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string written(const std::string& name, const std::string& content) {
    const std::string path = (directory_ / name).string();
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  // A picture with alpha, from rgba(x, y), 0xRRGGBBAA.
  std::string pam(const std::string& name, int width, int height,
                  const std::function<unsigned(int, int)>& rgba) {
    std::string text = "P7\nWIDTH " + std::to_string(width) + "\nHEIGHT " + std::to_string(height) +
                       "\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n";
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        for (int shift = 24; shift >= 0; shift -= 8)
          text += static_cast<char>(rgba(x, y) >> shift & 255);
    return written(name, text);
  }
  std::filesystem::path directory_;
};
using Overlay = WithFiles;
using Mask = WithFiles;
using Redact = WithFiles;

TEST(Fit, PadsWhatScaleAndPadMake) {
  for (const char* pixels : depths) {
    const Frame in = picture(format(pixels, 96, 40), 1);
    const Frame out = applied("fit", {{"width", number(72)}, {"height", number(50)}}, in);
    const Frame inner = applied("scale", {{"width", number(72)}, {"height", number(30)}}, in);
    const Frame wanted = applied("pad", {{"top", number(10)}, {"bottom", number(10)}}, inner);
    EXPECT_TRUE(same(wanted, out)) << pixels;
    const Frame lower = applied(
        "fit",
        {{"width", number(72)}, {"height", number(50)}, {"anchor", "bottom"}, {"colour", "white"}},
        in);
    EXPECT_TRUE(same(applied("pad", {{"top", number(20)}, {"colour", "white"}}, inner), lower));
  }
}

TEST(Fit, FillsWhatCropAndScaleMake) {
  for (const char* pixels : depths) {
    const Frame in = picture(format(pixels, 96, 40), 2);
    const Frame out = applied(
        "fit",
        {{"width", number(48)}, {"height", number(60)}, {"mode", "fill"}, {"anchor", "right"}}, in);
    const Frame part = applied("crop", {{"x", number(64)}, {"width", number(32)}}, in);
    EXPECT_TRUE(same(applied("scale", {{"width", number(48)}, {"height", number(60)}}, part), out))
        << pixels;
  }
}

TEST(Fit, BlursBehindThePicture) {
  const Frame in = picture(format("yuv420p", 96, 40), 3);
  const Frame out =
      applied("fit", {{"width", number(72)}, {"height", number(50)}, {"mode", "blur"}}, in);
  const Frame inner = applied("scale", {{"width", number(72)}, {"height", number(30)}}, in);
  for (int p = 0; p < 3; ++p) {
    const int above = 10 >> in.format().pixels.log2_height(p);
    for (int y = 0; y < inner.format().plane_height(p); ++y)
      for (int x = 0; x < inner.format().plane_width(p); ++x)
        ASSERT_EQ(sample(out, p, x, y + above), sample(inner, p, x, y));
  }
  for (const char* pixels : depths) {  // of one colour, the copy has it too, but darker
    Format f = format(pixels, 96, 40);
    f.colour.range = 1;
    const int unit = (top(f) + 1) / 256;
    const Frame flat = applied(
        "fit", {{"width", number(72)}, {"height", number(50)}, {"mode", "blur"}, {"dim", 0.5}},
        flat_picture(f, 116 * unit, 100 * unit));
    EXPECT_NEAR(sample(flat, 0, 5, 2), 66 * unit, unit) << pixels;
    EXPECT_NEAR(sample(flat, 0, 60, 45), 66 * unit, unit) << pixels;
    if (!f.pixels.has_chroma()) continue;
    EXPECT_NEAR(sample(flat, 1, 2, 1), 100 * unit, unit) << pixels;
  }
}

TEST(Fit, GoesByTheShapeThatIsShown) {
  Format in = format("yuv420p", 720, 576);
  in.sample_aspect = {64, 45};  // shown 16:9
  const Format out = configured("fit", {{"width", number(640)}, {"height", number(360)}}, in);
  EXPECT_EQ(out.sample_aspect, (Rational{1, 1}));
  const Frame white = flat_picture(in, 200, 128);
  const Frame made = applied("fit", {{"width", number(640)}, {"height", number(360)}}, white);
  for (const auto& [x, y] : {std::pair{0, 0}, {639, 359}}) EXPECT_EQ(sample(made, 0, x, y), 200);
}

// Luma, cb, cr and alpha of the file's pictures by the matrix of BT.601, in the frame's range.
struct Picture601 {
  Frame rgba;
  const Format& like;
  double value(int plane, int x, int y) const {
    const std::uint8_t* p = rgba.plane(0).data + y * rgba.plane(0).stride + 4 * x;
    const double r = p[0] / 255.0, g = p[1] / 255.0, b = p[2] / 255.0;
    const double luma = 0.299 * r + 0.587 * g + 0.114 * b;
    const double unit = std::exp2(like.pixels.depth() - 8);
    const bool full = like.colour.range == 2;
    if (plane == 3) return p[3] / 255.0;
    if (plane == 0) return full ? luma * top(like) : (16 + 219 * luma) * unit;
    const double c = plane == 1 ? (b - luma) / 1.772 : (r - luma) / 1.402;
    return 128 * unit + c * (full ? top(like) : 224 * unit);
  }
};

TEST_F(Overlay, IsLaidOverInTheFramesOwnMatrixAndRange) {
  for (const char* pixels : {"yuv420p", "yuv422p10le", "yuv444p12le", "gray16le"})
    for (int range : {1, 2}) {
      Format f = format(pixels, 75, 70);
      f.colour.range = range;
      f.colour.matrix = 5;
      const Frame in = picture(f, 4);
      const Frame out = applied("overlay",
                                {{"file", badge},
                                 {"anchor", "top_left"},
                                 {"margin", 0.0},
                                 {"x", number(7)},
                                 {"y", number(3)},
                                 {"opacity", 0.75}},
                                in);
      const Picture601 logo{read_picture(badge), f};
      for (int p = 0; p < std::min(3, f.pixels.planes()); ++p)
        expect_plane(out, p, 1 + top(f) / 255.0, [&](int x, int y) {
          const int sx = 1 << f.pixels.log2_width(p), sy = 1 << f.pixels.log2_height(p);
          double sum = 0, alpha = 0, count = 0;
          for (int j = y * sy; j < std::min(f.height, (y + 1) * sy); ++j)
            for (int i = x * sx; i < std::min(f.width, (x + 1) * sx); ++i, ++count) {
              if (i < 7 || j < 3 || i >= 71 || j >= 67) continue;
              const double a = 0.75 * logo.value(3, i - 7, j - 3);
              alpha += a, sum += a * logo.value(p, i - 7, j - 3);
            }
          return sample(in, p, x, y) * (1 - alpha / count) + sum / count;
        });
    }
}

TEST_F(Overlay, HasNoColourOfTransparentSamples) {
  const auto half = [](unsigned hidden) {
    return [hidden](int x, int) { return x < 8 ? 0xc04020ffU : hidden; };
  };
  const std::string black = pam("a.pam", 16, 16, half(0x00000000));
  const std::string green = pam("b.pam", 16, 16, half(0x00ff0000));
  for (const char* pixels : {"yuv420p", "yuv420p10le", "yuva420p"})
    for (double scale : {0.2, 1.0}) {
      const Frame in = picture(format(pixels, 64, 48), 5);
      EXPECT_TRUE(same(applied("overlay", {{"file", black}, {"scale", scale}}, in),
                       applied("overlay", {{"file", green}, {"scale", scale}}, in)));
    }
}

TEST_F(Overlay, IsOverATransparentFrame) {
  const std::string half = pam("a.pam", 16, 16, [](int, int) { return 0xffffff80U; });
  Format f = format("yuva444p", 16, 16);
  const Frame in = flat_picture(f, 16, 128);  // alpha is 16 of 255 too: plane % 3
  const Frame out = applied("overlay", {{"file", half}, {"margin", 0.0}}, in);
  const double a = 128.0 / 255, b = 16.0 / 255, both = a + b * (1 - a);
  EXPECT_NEAR(sample(out, 3, 5, 5), both * 255, 0.6);
  EXPECT_NEAR(sample(out, 0, 5, 5), (a * 235 + b * (1 - a) * 16) / both, 1);
}

TEST_F(Overlay, IsThereInItsTime) {
  const Clip in = clip(format("yuv420p", 64, 48), 6);
  const Clip out =
      applied("overlay", {{"file", badge}, {"scale", 0.3}, {"start", 0.08}, {"end", 0.16}}, in);
  for (std::size_t i = 0; i < in.size(); ++i) EXPECT_EQ(same(in[i], out[i]), i != 2 && i != 3) << i;
}

TEST_F(Overlay, RefusesWhatItCannotRead) {
  EXPECT_THAT(refusal("overlay", {{"file", "nowhere.png"}}),
              HasSubstr("nowhere.png: there is no such file"));
  EXPECT_THAT(refusal("overlay", {{"file", written("a.png", "no picture")}}), HasSubstr("a.png"));
  EXPECT_THAT(refusal("overlay", {{"file", badge}, {"start", 3.0}, {"end", 2.0}}),
              HasSubstr("end must be after start"));
}

TEST_F(Mask, HidesWhereItIsBlack) {
  const std::string file =
      pam("m.pam", 40, 30, [](int x, int) { return unsigned(x * 6) * 0x01010100U + 255U; });
  for (const char* pixels : depths)
    for (bool invert : {false, true}) {
      Format f = format(pixels, 40, 30);
      f.colour.range = 1;
      const Frame in = picture(f, 6);
      const Frame out =
          applied("mask", {{"file", file}, {"colour", "white"}, {"invert", invert}}, in);
      const double unit = std::exp2(f.pixels.depth() - 8);
      if (f.pixels.has_alpha()) continue;  // alpha becomes opaque where it is covered
      expect_plane(out, 0, 0.6 + unit, [&](int x, int y) {
        const double shown = invert ? 1 - x * 6 / 255.0 : x * 6 / 255.0;
        return sample(in, 0, x, y) * shown + 235 * unit * (1 - shown);
      });
    }
}

// Does the square of one luma sample meet the region?
bool meets(double x, double y, double w, double h, bool ellipse, int i, int j) {
  if (!ellipse) return i + 1 > x && i < x + w && j + 1 > y && j < y + h;
  const double cx = x + w / 2, cy = y + h / 2;
  const double dx = (std::clamp(cx, double(i), i + 1.0) - cx) / (w / 2);
  const double dy = (std::clamp(cy, double(j), j + 1.0) - cy) / (h / 2);
  return dx * dx + dy * dy < 1;
}

TEST_F(Redact, RemovesTheDetailOfItsRegionAndNothingElse) {
  const double x = 10.3, y = -4.7, w = 37.9, h = 41.1;
  for (const char* pixels : {"yuv420p", "yuv422p10le", "gray16le", "yuv410p"})
    for (const char* effect : {"pixelate", "blur", "fill"})
      for (bool ellipse : {false, true}) {
        const Frame in = picture(format(pixels, 61, 45), 7);
        const Format& f = in.format();
        const Frame out = applied("redact",
                                  {{"regions", "10.3 -4.7 37.9 41.1"},
                                   {"effect", effect},
                                   {"shape", ellipse ? "ellipse" : "rectangle"},
                                   {"strength", number(12)}},
                                  in);
        for (int p = 0; p < std::min(3, f.pixels.planes()); ++p) {
          const int sx = 1 << f.pixels.log2_width(p), sy = 1 << f.pixels.log2_height(p);
          const int bw = 12 / sx, bh = 12 / sy;
          const int pw = f.plane_width(p), ph = f.plane_height(p);
          const auto mean = [&](int column, int row) {
            column = std::clamp(column, 0, (pw - 1) / bw), row = std::clamp(row, 0, (ph - 1) / bh);
            double sum = 0, count = 0;
            for (int j = row * bh; j < std::min(ph, (row + 1) * bh); ++j)
              for (int i = column * bw; i < std::min(pw, (column + 1) * bw); ++i, ++count)
                sum += sample(in, p, i, j);
            return sum / count;
          };
          expect_plane(out, p, 0.6, [&](int i, int j) -> double {
            bool covered = false;
            for (int v = j * sy; v < (j + 1) * sy; ++v)
              for (int u = i * sx; u < (i + 1) * sx; ++u)
                covered = covered || meets(x, y, w, h, ellipse, u, v);
            if (!covered) return sample(in, p, i, j);
            if (effect[0] == 'f') return p == 0 ? 16 * ((top(f) + 1) / 256) : (top(f) + 1) / 2;
            if (effect[0] == 'p') return mean(i / bw, j / bh);
            const double fx = (i + 0.5) / bw - 0.5, fy = (j + 0.5) / bh - 0.5;
            const int c = int(std::floor(fx)), r = int(std::floor(fy));
            const double tx = fx - c, ty = fy - r;
            return (1 - ty) * ((1 - tx) * mean(c, r) + tx * mean(c + 1, r)) +
                   ty * ((1 - tx) * mean(c, r + 1) + tx * mean(c + 1, r + 1));
          });
        }
      }
}

// The first and last column that differ in a row; -1: none.
std::pair<int, int> changed(const Frame& a, const Frame& b, int row) {
  std::pair<int, int> found{-1, -1};
  for (int x = 0; x < a.format().width; ++x)
    if (sample(a, 0, x, row) != sample(b, 0, x, row)) {
      if (found.first < 0) found.first = x;
      found.second = x;
    }
  return found;
}

TEST_F(Redact, MovesWithItsKeyframes) {
  Clip in;
  for (int i = 0; i < 6; ++i)
    in.push_back(flat_picture(format("yuv420p", 64, 48), 100, 128).at(i, 1));
  const Clip out =
      applied("redact", {{"regions", "0.04: 4 8 8 8, 0.12: 24 8 16 8"}, {"effect", "fill"}}, in);
  const std::pair<int, int> wanted[] = {{4, 11}, {4, 11}, {14, 25}, {24, 39}, {24, 39}, {24, 39}};
  for (std::size_t i = 0; i < in.size(); ++i) EXPECT_EQ(changed(in[i], out[i], 10), wanted[i]) << i;
}

TEST_F(Redact, FollowsATrack) {
  const std::string track =
      written("track.jsonl", R"({"id": 7, "time": 0.12, "x": 24, "y": 8, "width": 16, "height": 8})"
                             "\n\n"
                             R"({"id": 7, "time": 0.08, "x": 4, "y": 8, "width": 8, "height": 8})"
                             "\n");
  Clip in;
  for (int i = 0; i < 6; ++i)
    in.push_back(flat_picture(format("yuv420p", 64, 48), 100, 128).at(i, 1));
  const Clip out = applied(
      "redact", {{"track", track}, {"effect", "fill"}, {"hold", 0.05}, {"margin", 1.0}}, in);
  const std::pair<int, int> wanted[] = {{-1, -1}, {3, 12}, {3, 12}, {23, 40}, {23, 40}, {-1, -1}};
  for (std::size_t i = 0; i < in.size(); ++i) EXPECT_EQ(changed(in[i], out[i], 10), wanted[i]) << i;
}

TEST_F(Redact, RefusesWhatIsNoRegion) {
  EXPECT_THAT(refusal("redact", {}), HasSubstr("regions or track must be given"));
  EXPECT_THAT(refusal("redact", {{"regions", "1 2 3"}}), HasSubstr("not \"1 2 3\""));
  EXPECT_THAT(refusal("redact", {{"regions", "1: 1 2 3 4, 1: 1 2 3 4"}}),
              HasSubstr("times of a region must grow"));
  EXPECT_THAT(refusal("redact", {{"track", "nowhere.jsonl"}}), HasSubstr("nowhere.jsonl"));
  EXPECT_THAT(refusal("redact", {{"track", written("a.jsonl", "\n{\"time\": 1}\n")}}),
              HasSubstr("a.jsonl:2: \"x\" must be given"));
  EXPECT_THAT(refusal("redact", {{"track", written("b.jsonl", "[1]\n")}}), HasSubstr("b.jsonl:1"));
}

}  // namespace
}  // namespace quadrant
