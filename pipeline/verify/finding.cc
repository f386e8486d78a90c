// SPDX-License-Identifier: MIT
#include "pipeline/verify/finding.h"

#include <array>

#include "pipeline/contract/view.h"

namespace quadrant {
namespace {

std::string component_of(PixelFormat pixels, int plane) {
  constexpr std::array yuv{"Y", "Cb", "Cr", "A"}, gbr{"G", "B", "R", "A"};
  const auto i = static_cast<std::size_t>(plane);
  if (!pixels.planar() && !pixels.is_rgb()) return "";
  if (pixels.planes() == 1) return pixels.planar() ? "Y" : "";
  if (pixels.planes() == 2) return plane == 0 ? "Y" : "A";
  return pixels.is_rgb() ? gbr[i] : yuv[i];
}

long value_at(const cv::Mat& plane, int y, int x) {
  return plane.elemSize() == 2 ? plane.at<std::uint16_t>(y, x) : plane.at<std::uint8_t>(y, x);
}

std::optional<Difference::Sample> first_sample(const TapPoint& point, Rows rows,
                                               const Samples& made, const Samples& expected) {
  for (int p = 0; p < static_cast<int>(made.size()); ++p) {
    const cv::Mat &one = made[static_cast<std::size_t>(p)],
                  &other = expected[static_cast<std::size_t>(p)];
    for (int y = 0; y < one.rows; ++y)
      for (int x = 0; x < one.cols; ++x)
        if (value_at(one, y, x) != value_at(other, y, x))
          return Difference::Sample{.plane = p,
                                    .x = x,
                                    .y = plane_rows(point.format, p, rows).begin + y,
                                    .component = component_of(point.format.pixels, p),
                                    .value = value_at(one, y, x),
                                    .expected = value_at(other, y, x)};
  }
  return std::nullopt;
}

}  // namespace

Difference difference_of(const std::string& input, const Finding& finding,
                         const std::vector<std::int64_t>& frames, const SecondLook& look) {
  const Reference& reference = look.reference();
  const TapPoint& point = reference.points()[finding.index];
  Difference difference{
      .input = input,
      .stage = point.name,
      .number = point.stage,
      .frame = reference.number_of(finding.index, finding.pts),
      .pts = finding.pts,
      .seconds = static_cast<double>(finding.pts) * point.format.time_base.value(),
      .kind = finding.kind};
  for (std::size_t i = finding.index; i < frames.size(); ++i)
    difference.spread.push_back({reference.points()[i].name, frames[i]});
  if (finding.kind != Difference::Kind::differs) return difference;
  difference.tile = point.describe(finding.rows);
  if (const Samples* expected = look.found(finding))
    difference.sample = first_sample(point, finding.rows, finding.samples, *expected);
  return difference;
}

std::string describe(const Difference& d) {
  std::string text = d.input + ": " + d.stage;
  if (d.number > 0) text += fmt::format(" (stage {})", d.number);
  text += fmt::format(": frame {} at {:.3f} s", d.frame, d.seconds);
  if (d.kind == Difference::Kind::missing) return text + " is missing";
  if (d.kind == Difference::Kind::extra) return text + " is not in the reference";
  text += ", " + d.tile;
  if (!d.sample) return text + ": differs, and the reference's second run made yet another picture";
  const Difference::Sample& s = *d.sample;
  const std::string component = s.component.empty() ? "" : " (" + s.component + ")";
  return text + fmt::format(", plane {}{}, pixel {},{}: {}, and {} in the reference", s.plane,
                            component, s.x, s.y, s.value, s.expected);
}

}  // namespace quadrant
