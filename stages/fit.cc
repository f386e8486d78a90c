// SPDX-License-Identifier: MIT
// fit: brings a picture of any shape into one size, undistorted. `pad` shows all of it, with a
// border; `fill` fills the size and cuts off what is too much; `blur` shows all of it over a
// blurred and darkened copy that fills the size. The shape is that which is shown: a sample aspect
// other than 1:1 is resolved, so the result has square samples.
//
// Scaling is scale's (pipeline/media/scaler.h), any rows at a time; the picture lies on the chroma
// grid. The blurred copy is made from a picture an eighth of the size, and needs the whole frame.
#include <cmath>

#include "pipeline/media/scaler.h"
#include "stages/anchor.h"
#include "stages/gaussian.h"

namespace quadrant {
namespace {

constexpr int background_divisor = 8;

int on_grid(double size, int log2_step, int most) {
  const int step = 1 << log2_step, wanted = static_cast<int>(std::lround(size / step)) * step;
  return wanted >= most ? most : std::clamp(wanted, std::min(step, most), most);
}

// The planes of a picture whose first sample is the sample x, y of another picture in `format`.
std::array<Plane, 4> moved(std::array<Plane, 4> planes, const Format& format, int x, int y) {
  for (int p = 0; p < format.pixels.planes(); ++p) {
    Plane& plane = planes[static_cast<std::size_t>(p)];
    const std::ptrdiff_t row = y >> format.pixels.log2_height(p);
    const std::ptrdiff_t column = x >> format.pixels.log2_width(p);
    plane.data += plane.stride * row + column * format.pixels.bytes_per_sample();
  }
  return planes;
}

// Memory for a picture, with rows as libav's frames have them.
class OwnPicture {
 public:
  explicit OwnPicture(Format format) : format_(std::move(format)) {
    constexpr int alignment = 64;
    const int bytes = format_.pixels.bytes_per_sample();
    for (int p = 0; p < format_.pixels.planes(); ++p) {
      const int row = (format_.plane_width(p) * bytes + alignment - 1) / alignment * alignment;
      memory_.emplace_back(format_.plane_height(p), row, CV_8UC1);
      planes_[static_cast<std::size_t>(p)] = {memory_.back().data, row};
    }
  }
  View view() const { return View(format_, {0, format_.height}, planes_); }
  const Format& format() const { return format_; }

 private:
  Format format_;
  std::vector<cv::Mat> memory_;
  std::array<Plane, 4> planes_{};
};

class Fit final : public Stage {
 public:
  int width = 1280, height = 720;
  std::string mode = "pad", anchor = "centre", colour = "black", method = "bicubic";
  double blur = 3, dim = 0.3;

  Format configure(const Format& in) override {
    in_ = out_ = in;
    out_.width = width, out_.height = height;
    if (in.sample_aspect.num > 0) out_.sample_aspect = {1, 1};
    shown_ = out_, taken_ = in;
    if (mode != "fill") place_inside();
    filling_ = in;
    cut_to_shape(mode == "fill" ? taken_ : filling_);
    small_ = out_;
    const auto smaller = [&](int size, int log2_step) {
      return on_grid(static_cast<double>(size) / background_divisor, log2_step, size);
    };
    small_.width = smaller(width, in.pixels.log2_chroma_width());
    small_.height = smaller(height, in.pixels.log2_chroma_height());
    [[maybe_unused]] const Scaler tried(taken_, shown_, scale_method());  // may refuse
    return out_;
  }
  Reach reach() const override {
    return {.space = mode == "blur" ? Reach::Space::frame : Reach::Space::anywhere};
  }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    auto worker = std::make_unique<Worker>(taken_, shown_, scale_method());
    if (mode == "blur")
      worker->background = std::make_unique<Background>(filling_, small_, out_, sigma());
    return worker;
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    auto& worker = static_cast<Worker&>(*state);
    const Rows tile = out.luma_rows();
    const Rows inner{std::clamp(y_, tile.begin, tile.end),
                     std::clamp(y_ + shown_.height, tile.begin, tile.end)};
    // Before the border: libswscale may write beyond the end of a row.
    if (inner.size() > 0)
      worker.scaler.rows(moved(in.now().whole_planes(), in_, taken_x_, taken_y_),
                         moved(out.whole_planes(), out_, x_, y_), inner.begin - y_, inner.end - y_);
    if (mode == "pad")
      surround(out, [&](int p, cv::Mat part, int, int) { part.setTo(nominal(out_, p, colour)); });
    if (mode == "blur") {
      make_background(in.now(), *worker.background);
      const View made = worker.background->full.view();
      surround(out, [&](int p, cv::Mat part, int row, int column) {
        made.plane(p)
            .rowRange(row, row + part.rows)
            .colRange(column, column + part.cols)
            .copyTo(part);
      });
    }
  }

 private:
  struct Background {
    Background(const Format& filling, const Format& small_format, const Format& out, double sigma)
        : shrink(filling, small_format, ScaleMethod::area),
          enlarge(small_format, out, ScaleMethod::bicubic),
          gaussian(sigma, small_format),
          shrunk(small_format),
          blurred(small_format),
          full(out) {}
    Scaler shrink, enlarge;
    Gaussian gaussian;
    Gaussian::Scratch scratch;
    OwnPicture shrunk, blurred, full;
  };
  struct Worker final : State {
    Worker(const Format& in, const Format& out, ScaleMethod how) : scaler(in, out, how) {}
    Scaler scaler;
    std::unique_ptr<Background> background;
  };

  double sigma() const {
    return std::clamp(blur / 100 * std::min(width, height) / background_divisor, 0.3, 20.0);
  }
  ScaleMethod scale_method() const {
    if (method == "area") return ScaleMethod::area;
    return method == "lanczos" ? ScaleMethod::lanczos : ScaleMethod::bicubic;
  }
  // Width over height of one sample, as shown.
  double sample_shape() const {
    return in_.sample_aspect.num > 0 ? in_.sample_aspect.value() : 1.0;
  }

  void place_inside() {
    const int log2_x = in_.pixels.log2_chroma_width(), log2_y = in_.pixels.log2_chroma_height();
    const double shape = sample_shape() * in_.width / in_.height;
    shown_.width = on_grid(std::min<double>(width, height * shape), log2_x, width);
    shown_.height = on_grid(std::min<double>(height, width / shape), log2_y, height);
    const Anchor at = anchor_named(anchor);
    x_ = anchored(at.x, width - shown_.width) >> log2_x << log2_x;
    y_ = anchored(at.y, height - shown_.height) >> log2_y << log2_y;
  }

  // The largest part of the input with the output's shape.
  void cut_to_shape(Format& part) {
    const int log2_x = in_.pixels.log2_chroma_width(), log2_y = in_.pixels.log2_chroma_height();
    const double shape = static_cast<double>(width) / height / sample_shape();
    part.width = on_grid(std::min<double>(in_.width, in_.height * shape), log2_x, in_.width);
    part.height = on_grid(std::min<double>(in_.height, in_.width / shape), log2_y, in_.height);
    const Anchor at = anchor_named(mode == "fill" ? anchor : "centre");
    const int x = anchored(at.x, in_.width - part.width) >> log2_x << log2_x;
    const int y = anchored(at.y, in_.height - part.height) >> log2_y << log2_y;
    if (mode == "fill") taken_x_ = x, taken_y_ = y;
    filling_x_ = x, filling_y_ = y;
  }

  // Calls body(plane, samples, row, column) for each part of the tile that the picture does not
  // cover; row and column are of the whole picture.
  template <class Body>
  void surround(const Tile& out, Body body) const {
    for (int p = 0; p < out.planes(); ++p) {
      const Rows tile = out.rows(p);
      const int above = y_ >> out_.pixels.log2_height(p), before = x_ >> out_.pixels.log2_width(p);
      const Rows inner{std::clamp(above, tile.begin, tile.end),
                       std::clamp(above + shown_.plane_height(p), tile.begin, tile.end)};
      const int after = before + shown_.plane_width(p);
      const auto part = [&](Rows rows, int begin, int end) {
        if (rows.size() > 0 && end > begin)
          body(p, out.plane(p, rows).colRange(begin, end), rows.begin, begin);
      };
      const int columns = out_.plane_width(p);
      part({tile.begin, inner.begin}, 0, columns);
      part({inner.end, tile.end}, 0, columns);
      part(inner, 0, before);
      part(inner, after, columns);
    }
  }

  void make_background(const View& in, Background& b) const {
    b.shrink.rows(moved(in.whole_planes(), in_, filling_x_, filling_y_),
                  b.shrunk.view().whole_planes(), 0, small_.height);
    for (int p = 0; p < small_.pixels.planes(); ++p)
      with_sample_type(small_, [&](auto t) { soften<decltype(t)>(b, p); });
    b.enlarge.rows(b.blurred.view().whole_planes(), b.full.view().whole_planes(), 0, height);
  }

  template <class T>
  void soften(Background& b, int plane) const {
    const View from = b.shrunk.view();
    cv::Mat to = b.blurred.view().plane(plane);
    const int bits = b.gaussian.taps().fraction_bits, half = (1 << bits) / 2, low = black(small_);
    const int kept = plane == luma_plane ? static_cast<int>(std::lround((1 - dim) * 256)) : 256;
    b.gaussian.begin(from, plane, b.scratch);
    for (int y = 0; y < to.rows; ++y) {
      const std::uint16_t* row = b.gaussian.row(y, b.scratch);
      for (int x = 0; x < to.cols; ++x) {
        const int v = (row[x] + half) >> bits;
        to.ptr<T>(y)[x] = static_cast<T>(kept == 256 ? v : low + (((v - low) * kept + 128) >> 8));
      }
    }
  }

  Format in_, out_, taken_, shown_, filling_, small_;
  int x_ = 0, y_ = 0, taken_x_ = 0, taken_y_ = 0, filling_x_ = 0, filling_y_ = 0;
};

}  // namespace

StageInfo fit_stage() {
  return {
      .name = "fit",
      .summary = "Bring any shape into one size, with a border or cut",
      .kind = "geometry",
      .params =
          {param("width", &Fit::width, "of the output").range(1, 16384).unit("samples").required(),
           param("height", &Fit::height, "of the output")
               .range(1, 16384)
               .unit("samples")
               .required(),
           param("mode", &Fit::mode,
                 "pad: all of it with a border; fill: cut off what is too much; blur: all of "
                 "it over a blurred copy, which needs whole frames")
               .one_of({"pad", "fill", "blur"}),
           param("anchor", &Fit::anchor, "where the picture lies, or which part is kept")
               .one_of(anchor_names()),
           param("colour", &Fit::colour, "of the border").one_of({"black", "gray", "white"}),
           param("blur", &Fit::blur,
                 "standard deviation of the blurred copy, of the smaller side of the output")
               .range(0.5, 10)
               .unit("%"),
           param("dim", &Fit::dim, "how much darker the blurred copy is; 1 is black").range(0, 1),
           param("method", &Fit::method,
                 "bicubic for most, area for much smaller, lanczos for sharper")
               .one_of({"bicubic", "area", "lanczos"})},
      .make = make_stage<Fit>};
}

}  // namespace quadrant
