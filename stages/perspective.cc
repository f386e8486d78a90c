// SPDX-License-Identifier: MIT
// perspective: makes a rectangle of what was seen at an angle (a screen, a page, a facade). The
// four places of the input become the corners of the output; cv::getPerspectiveTransform finds the
// map.
#include <charconv>
#include <opencv2/imgproc.hpp>

#include "stages/warp.h"

namespace quadrant {
namespace {

class Perspective final : public Stage {
 public:
  std::string top_left = "0 0", top_right = "100% 0", bottom_left = "0 100%",
              bottom_right = "100% 100%";
  int width = 0, height = 0;
  std::string method = "cubic", colour = "black";

  Format configure(const Format& in) override {
    Format out = in;
    if (width > 0) out.width = width;
    if (height > 0) out.height = height;
    const float right = static_cast<float>(out.width), bottom = static_cast<float>(out.height);
    const std::vector<cv::Point2f> to{{0, 0}, {right, 0}, {right, bottom}, {0, bottom}};
    const std::vector<cv::Point2f> from{
        place("top_left", top_left, in), place("top_right", top_right, in),
        place("bottom_right", bottom_right, in), place("bottom_left", bottom_left, in)};
    check_convex(from);
    // Corners are edges of samples; the warp counts from the centre of the first.
    const cv::Matx33d edges(1, 0, 0.5, 0, 1, 0.5, 0, 0, 1),
        centres(1, 0, -0.5, 0, 1, -0.5, 0, 0, 1);
    const cv::Matx33d found = cv::getPerspectiveTransform(to, from);
    warp_ = std::make_unique<Warp>(in, out, places_by(centres * found * edges), method, colour);
    return out;
  }
  Reach reach() const override { return {.space = Reach::Space::anywhere}; }

  void process(const Window& in, const Tile& out, State*) const override {
    warp_->rows(in.now(), out);
  }

 private:
  // "120 80" in luma samples from the upper left corner, or "5% 10%" of the picture.
  static cv::Point2f place(const char* key, const std::string& text, const Format& in) {
    const auto space = text.find_first_of(" ,");
    const auto rest = text.find_first_not_of(" ,", space);
    if (space == std::string::npos || rest == std::string::npos) refuse(key, text);
    return {static_cast<float>(number(key, text, text.substr(0, space), in.width)),
            static_cast<float>(number(key, text, text.substr(rest), in.height))};
  }

  static double number(const char* key, const std::string& text, std::string word, int whole) {
    const bool percent = word.ends_with('%');
    if (percent) word.pop_back();
    double value = 0;
    const char* end = word.data() + word.size();
    const auto [stopped, error] = std::from_chars(word.data(), end, value);
    if (error != std::errc() || stopped != end || !(std::abs(value) <= 1e6)) refuse(key, text);
    return percent ? value / 100 * whole : value;
  }

  [[noreturn]] static void refuse(const char* key, const std::string& text) {
    fail(Fault::usage,
         "{} must be two numbers, across and down, such as \"120 80\" or \"5% 10%\", not \"{}\"",
         key, text);
  }

  static void check_convex(const std::vector<cv::Point2f>& corners) {
    for (std::size_t i = 0; i < corners.size(); ++i) {
      const cv::Point2f a = corners[(i + 1) % 4] - corners[i],
                        b = corners[(i + 2) % 4] - corners[(i + 1) % 4];
      if (a.x * b.y - a.y * b.x <= 0)
        fail(Fault::usage,
             "the four places must be corners of one area, clockwise from top_left to "
             "top_right, bottom_right and bottom_left");
    }
  }

  std::unique_ptr<Warp> warp_;
};

}  // namespace

StageInfo perspective_stage() {
  return {.name = "perspective",
          .summary = "Make a rectangle of an area seen at an angle",
          .kind = "geometry",
          .params = {param("top_left", &Perspective::top_left,
                           "place in the input that becomes this corner: \"120 80\" or \"5% 10%\""),
                     param("top_right", &Perspective::top_right, "the same of this corner"),
                     param("bottom_left", &Perspective::bottom_left, "the same of this corner"),
                     param("bottom_right", &Perspective::bottom_right, "the same of this corner"),
                     param("width", &Perspective::width, "of the output; 0: the input's")
                         .range(0, 32767)
                         .unit("samples"),
                     param("height", &Perspective::height, "of the output; 0: the input's")
                         .range(0, 32767)
                         .unit("samples"),
                     param("method", &Perspective::method, "how samples between samples are made")
                         .one_of({"linear", "cubic", "lanczos"}),
                     param("colour", &Perspective::colour, "beyond the picture")
                         .one_of({"black", "gray", "white", "edge"})},
          .make = make_stage<Perspective>};
}

}  // namespace quadrant
