// SPDX-License-Identifier: MIT
// rotate: quarter turns. The stage takes over the picture's orientation: the container's rotation
// (of phone clips) no longer applies, and players show the picture as this stage leaves it. Samples
// are only moved, never computed; the sample aspect and the position of the chroma rotate with
// them. A quarter turn of 4:2:2 is 4:4:0 (half the rows instead of half the columns), which is
// exact too. Where libavutil has no such format, and for 4:1:1, the error names a format to convert
// to first, rather than losing chroma silently.
#include "stages/samples.h"
#include "stages/turned.h"

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
  int degrees = 90;

  Format configure(const Format& in) override {
    Format out = in;
    out.turned = true;
    if (degrees != 180) {
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
    out.colour.chroma_location = turned_chroma_location(in.colour.chroma_location, turn(), out);
    return out;
  }
  Reach reach() const override { return {.space = Reach::Space::anywhere}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Scratch>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    for (int p = 0; p < out.planes(); ++p)
      fill(out.plane(p), [&](cv::Mat& to) {
        turn_plane(in.now().plane(p), out.rows(p), static_cast<Scratch&>(*state).turned, to);
      });
  }

 private:
  struct Scratch final : State {
    cv::Mat turned;
  };

  Turn turn() const {
    return {
        .transposed = degrees != 180, .mirrored_x = degrees != 270, .mirrored_y = degrees != 90};
  }

  // Output row r is column r of the input read upwards (90), or column r from the right read
  // downwards.
  void turn_plane(const cv::Mat& from, Rows rows, cv::Mat& scratch, cv::Mat& to) const {
    constexpr int around_x = 0, around_y = 1, around_both = -1;  // cv::flip's codes
    if (degrees == 180)
      return cv::flip(from.rowRange(from.rows - rows.end, from.rows - rows.begin), to, around_both);
    const bool right = degrees == 90;
    const cv::Mat columns = right ? from.colRange(rows.begin, rows.end)
                                  : from.colRange(from.cols - rows.end, from.cols - rows.begin);
    cv::transpose(columns, scratch);
    cv::flip(scratch, to, right ? around_y : around_x);
  }
};

}  // namespace

StageInfo rotate_stage() {
  return {.name = "rotate",
          .summary = "Rotate by quarter turns",
          .kind = "geometry",
          .params = {param("degrees", &Rotate::degrees, "clockwise: 90, 180 or 270")
                         .range(90, 270)
                         .steps_of(90)
                         .unit("degrees")
                         .shorthand()},
          .make = make_stage<Rotate>};
}

}  // namespace quadrant
