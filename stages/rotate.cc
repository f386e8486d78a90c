// SPDX-License-Identifier: MIT
// rotate: by any angle. The stage takes over the picture's orientation: the container's rotation
// (of phone clips) no longer applies, and players show the picture as this stage leaves it. Samples
// are only moved, never computed; the sample aspect and the position of the chroma rotate with
// them. A quarter turn of 4:2:2 is 4:4:0 (half the rows instead of half the columns), which is
// exact too. Where libavutil has no such format, and for 4:1:1, the error names a format to convert
// to first, rather than losing chroma silently. Other angles are resampled (warp.h), around the
// centre, as the picture is shown: with a sample aspect other than 1:1 shapes stay what they are.
#include <cmath>
#include <numbers>

#include "stages/turned.h"
#include "stages/warp.h"

namespace quadrant {
namespace {

// The format of a transposed picture of format `pixels`; none if there is none.
PixelFormat transposed(PixelFormat pixels) {
  if (pixels.log2_chroma_width() == pixels.log2_chroma_height()) return pixels;
  std::string name = pixels.name();
  for (const auto& [from, to] : {std::pair("422", "440"), std::pair("440", "422")})
    if (const auto at = name.find(from); at != std::string::npos) {
      name.replace(at, 3, to);
      break;
    }
  const PixelFormat found = PixelFormat::named(name);
  return found == pixels || !found.planar() ? PixelFormat() : found;
}

class Rotate final : public Stage {
 public:
  double degrees = 90;
  std::string size = "keep", method = "cubic", colour = "black";

  Format configure(const Format& in) override {
    quarters_ =
        std::remainder(degrees, 90) == 0 ? static_cast<int>(std::lround(degrees / 90)) & 3 : -1;
    if (quarters_ < 0) return warped(in);
    Format out = in;
    out.turned = true;
    if (quarters_ % 2 == 1) {
      out.pixels = transposed(in.pixels);
      if (out.pixels.none())
        fail(Fault::input,
             "no pixel format holds {} turned by {} degrees; convert first, for example with "
             "ffmpeg: format=yuv444p",
             in.pixels.name(), degrees);
      std::swap(out.width, out.height);
      if (in.sample_aspect.num > 0)
        out.sample_aspect = {in.sample_aspect.den, in.sample_aspect.num};
    }
    if (quarters_ != 0)
      out.colour.chroma_location = turned_chroma_location(in.colour.chroma_location, turn(), out);
    return out;
  }
  Reach reach() const override { return {.space = Reach::Space::anywhere}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Scratch>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    if (warp_) return warp_->rows(in.now(), out);
    for (int p = 0; p < out.planes(); ++p)
      fill(out.plane(p), [&](cv::Mat& to) {
        turn_plane(in.now().plane(p), out.rows(p), static_cast<Scratch&>(*state).turned, to);
      });
  }

 private:
  struct Scratch final : State {
    cv::Mat turned;
  };
  struct Size {
    double width = 0, height = 0;
  };

  Turn turn() const {
    return {
        .transposed = quarters_ != 2, .mirrored_x = quarters_ != 3, .mirrored_y = quarters_ != 1};
  }

  Format warped(const Format& in) {
    Format out = in;
    out.turned = true;
    const double aspect = in.sample_aspect.num > 0 ? in.sample_aspect.value() : 1;
    const double angle = degrees * std::numbers::pi / 180, c = std::cos(angle), s = std::sin(angle);
    const double wide = in.width * aspect, high = in.height;
    const Size around{std::abs(wide * c) + std::abs(high * s),
                      std::abs(wide * s) + std::abs(high * c)};
    double zoom = 1;
    if (size == "grow") {
      out.width = even(around.width / aspect);
      out.height = even(around.height);
    } else if (size == "inside") {
      zoom = std::max(around.width / wide, around.height / high);
    }
    // From the output, as shown, back to where it was: turned the other way, around the centres.
    const auto to_shown = [aspect](const Format& f) {
      return cv::Matx33d(aspect, 0, -(f.width - 1) / 2.0 * aspect, 0, 1, -(f.height - 1) / 2.0, 0,
                         0, 1);
    };
    const cv::Matx33d back(c / zoom, s / zoom, 0, -s / zoom, c / zoom, 0, 0, 0, 1);
    warp_ = std::make_unique<Warp>(in, out, places_by(to_shown(in).inv() * back * to_shown(out)),
                                   method, size == "inside" ? "edge" : colour);
    return out;
  }
  static int even(double length) { return 2 * static_cast<int>(std::ceil(length / 2 - 1e-6)); }

  // Output row r is column r of the input read upwards (90), or column r from the right read
  // downwards.
  void turn_plane(const cv::Mat& from, Rows rows, cv::Mat& scratch, cv::Mat& to) const {
    constexpr int around_x = 0, around_y = 1, around_both = -1;  // cv::flip's codes
    if (quarters_ == 0) return from.rowRange(rows.begin, rows.end).copyTo(to);
    if (quarters_ == 2)
      return cv::flip(from.rowRange(from.rows - rows.end, from.rows - rows.begin), to, around_both);
    const bool right = quarters_ == 1;
    const cv::Mat columns = right ? from.colRange(rows.begin, rows.end)
                                  : from.colRange(from.cols - rows.end, from.cols - rows.begin);
    cv::transpose(columns, scratch);
    cv::flip(scratch, to, right ? around_y : around_x);
  }

  int quarters_ = 1;  // clockwise, 0 to 3; -1: another angle
  std::unique_ptr<Warp> warp_;
};

}  // namespace

StageInfo rotate_stage() {
  return {
      .name = "rotate",
      .summary = "Rotate by any angle",
      .kind = "geometry",
      .params = {param("degrees", &Rotate::degrees, "clockwise; multiples of 90 only move samples")
                     .range(-360, 360)
                     .unit("degrees")
                     .shorthand(),
                 param("size", &Rotate::size,
                       "for other angles: keep the size and cut corners off, grow to hold all, "
                       "or enlarge until no border is seen inside")
                     .one_of({"keep", "grow", "inside"}),
                 param("method", &Rotate::method,
                       "for other angles: how samples between samples are made")
                     .one_of({"linear", "cubic", "lanczos"}),
                 param("colour", &Rotate::colour, "for other angles: beyond the picture")
                     .one_of({"black", "gray", "white", "edge"})},
      .make = make_stage<Rotate>};
}

}  // namespace quadrant
