// SPDX-License-Identifier: MIT
#include "pipeline/execute/adapt.h"

#include <algorithm>
#include <cmath>

#include "pipeline/execute/nodes.h"
#include "pipeline/media/area.h"
#include "pipeline/media/orientation.h"
#include "pipeline/plan/plan.h"

namespace quadrant {
namespace {

double shape_of_samples(const Format& f) {
  return f.sample_aspect.num > 0 && f.sample_aspect.den > 0 ? f.sample_aspect.value() : 1;
}

bool same_shape(const Format& a, const Format& b) {
  constexpr double same = 1e-3;  // containers round
  return a.width == b.width && a.height == b.height &&
         std::abs(shape_of_samples(a) / shape_of_samples(b) - 1) < same;
}

int on_grid(double size, int grid, int most) {
  return std::clamp(static_cast<int>(std::lround(size / grid)) * grid, std::min(grid, most), most);
}

// The size, in samples of `to`, at which a picture of format `from` lies inside it, or covers it.
Area size_in(const Format& from, const Format& to, bool covers) {
  const double shape = from.width * shape_of_samples(from) / from.height / shape_of_samples(to);
  const bool is_wider = shape * to.height > to.width;
  constexpr int unlimited = 1 << 20;
  Area area{0, 0, to.width, to.height};
  if (is_wider == covers)
    area.width = on_grid(to.height * shape, column_grid(to.pixels), covers ? unlimited : to.width);
  else
    area.height = on_grid(to.width / shape, row_grid(to.pixels), covers ? unlimited : to.height);
  return {0, 0, std::max(area.width, covers ? to.width : 0),
          std::max(area.height, covers ? to.height : 0)};
}

// Where `inner` begins in the middle of `outer`; 0 if it is larger.
int middle(int outer, int inner, int grid) { return std::max(0, outer - inner) / 2 / grid * grid; }

std::string picture_text(const Format& f, const Format& beside) {
  std::string text = fmt::format("{}x{}", f.width, f.height);
  if (shape_of_samples(f) != shape_of_samples(beside))
    text += fmt::format(" of sample aspect {}:{}", std::max(1, f.sample_aspect.num),
                        f.sample_aspect.den);
  if (f.pixels != beside.pixels || f.full_range() != beside.full_range())
    text += fmt::format(" {} {}", f.pixels.name(), f.full_range() ? "full range" : "limited range");
  return text;
}

std::string_view done_with(OnChange on_change, bool reshaped) {
  if (!reshaped) return "converted to";
  switch (on_change) {
    case OnChange::fit: return "fitted with bars into";
    case OnChange::fill: return "cut to fill";
    default: return "stretched to";
  }
}

}  // namespace

Adapt::Adapt(const Plan& plan)
    : pool_(plan.source),
      on_change_(plan.on_change),
      orientation_(plan.input.video_stream().orientation.value_or(Orientation{})),
      each_its_own_(plan.input.video_stream().pictures_tell_orientation) {}

Frame Adapt::operator()(Frame frame) {
  change_.clear();
  const Format& planned = pool_.format();
  const Orientation turn =
      each_its_own_ ? orientation_of(*frame.av()).then(orientation_.inverse()) : Orientation{};
  if (!turn.upright() || !frame.format().same_picture(planned) ||
      !same_shape(frame.format(), planned))
    return changed(std::move(frame), turn);
  if (frame.format().pixels.name() == "pal8" || is_laid_out_for_simd(frame)) return frame;
  Frame out = pool_.make(frame);
  copy_area(frame, {0, 0, planned.width, planned.height}, out, 0, 0);
  return out;
}

Frame Adapt::changed(Frame frame, Orientation turn) {
  const Format& planned = pool_.format();
  std::string text = "video changes to " + picture_text(frame.format(), planned);
  if (!turn.upright()) {
    text += ", " + orientation_of(*frame.av()).describe();
    frame = turned(frame, turn);
  }
  const Format& now = frame.format();
  const bool reshaped = !same_shape(now, planned);
  if (on_change_ == OnChange::fail)
    fail(Fault::input, "{} at {:.2f} s, not {} any more (on_change: fail)", text,
         static_cast<double>(frame.pts()) * now.time_base.value(), picture_text(planned, now));
  change_ = fmt::format("{}: {}{} {}", text, turn.upright() ? "" : "turned and ",
                        done_with(on_change_, reshaped), picture_text(planned, now));
  const bool is_whole = !reshaped || on_change_ == OnChange::stretch;
  const Area size = is_whole ? Area{0, 0, planned.width, planned.height}
                             : size_in(now, planned, on_change_ == OnChange::fill);
  const Frame picture = scaled(frame, size.width, size.height);
  Frame out = pool_.make(picture);
  if (!is_whole) blacken(out);
  const int across = column_grid(planned.pixels), down = row_grid(planned.pixels);
  const Area seen{middle(size.width, planned.width, across),
                  middle(size.height, planned.height, down), std::min(size.width, planned.width),
                  std::min(size.height, planned.height)};
  copy_area(picture, seen, out, middle(planned.width, size.width, across),
            middle(planned.height, size.height, down));
  return out;
}

Frame Adapt::scaled(const Frame& frame, int width, int height) {
  const Format& from = frame.format();
  if (!scale_ || !from.same_picture(scaled_from_) || !same_shape(from, scaled_from_)) {
    scale_.emplace(from,
                   fmt::format("scale={}:{}:flags=bicubic+accurate_rnd+bitexact,format={}", width,
                               height, pool_.format().pixels.name()),
                   one_after_another());
    scaled_from_ = from;
  }
  scale_->push(frame);
  return scale_->pull();
}

}  // namespace quadrant
