// SPDX-License-Identifier: MIT
// Turns stages into steps. Walks forward once to resolve formats, insert conversions and group
// stages into runs; then walks backward through each run to sum the rows that later stages read
// around a strip (as libjxl's render pipeline does).
#include "pipeline/plan/steps.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "pipeline/contract/stage.h"
#include "pipeline/plan/convert.h"

namespace quadrant {
namespace {

// About what a core's L2 holds of one plane in addition to the stage's scratch. Measured on blur +
// levels + sharpen at 1080p: 5.2 ms in whole frames, 3.9 ms in strips of 128 to 256 rows.
constexpr std::int64_t strip_bytes = 256 << 10;
constexpr int least_strips = 4;  // so that a small picture too has work for several cores
constexpr int least_rows = 16;   // a strip's own rows must outweigh its halo
constexpr int strip_alignment =
    8;  // luma rows: whole chroma rows of every format, and libswscale's dither

std::string to_text(const Value& value) {
  return std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
}

std::string parameters_of(const StageSpec& spec, const Stage& stage) {
  std::string text;
  for (const Param& p : spec.info->params)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", p.name, to_text(p.get(stage)));
  return text;
}

PlannedStage conversion(const Format& from, Format to) {
  std::shared_ptr<Stage> stage = make_convert(to);
  const Format out = stage->configure(from);
  return {"convert", stage, from, out, "to " + out.pixels.name()};
}

PlannedStage resolve(const StageSpec& spec, const Format& in) {
  std::shared_ptr<Stage> stage = spec.make();
  try {
    Format out = stage->configure(in);
    out.end_seconds = in.end_seconds;
    return {std::string(spec.info->name), stage, in, out, parameters_of(spec, *stage)};
  } catch (const Error& error) {
    const std::string what = error.what();
    spec.location.fail(
        what.starts_with(spec.info->name) ? what : fmt::format("{}: {}", spec.info->name, what),
        error.fault());
  }
}

bool may_join(const Step& run, const Stage& stage) {
  const Reach reach = stage.reach();
  return run.processing == Processing::tile && run.order == Order::any_order &&
         run.stages.back().stage->reach().space != Reach::Space::frame &&
         stage.processing() == Processing::tile && stage.order() == Order::any_order &&
         reach.space == Reach::Space::rows && reach.past == 0 && reach.future == 0;
}

void append(std::vector<Step>& steps, PlannedStage planned) {
  const Stage& stage = *planned.stage;
  if (steps.empty() || !may_join(steps.back(), stage)) {
    Step step;
    step.order = stage.order();
    step.processing = stage.processing();
    step.past = stage.reach().past;
    step.future = stage.reach().future;
    if (step.order == Order::in_order && step.future + step.past > 0)
      fail(Fault::internal, "{}: in order and with a window", planned.name);
    steps.push_back(std::move(step));
  }
  steps.back().stages.push_back(std::move(planned));
}

void cut(Step& step) {
  const bool whole = step.processing != Processing::tile || step.order == Order::in_order ||
                     step.stages.front().stage->reach().space == Reach::Space::frame;
  step.grid = whole ? std::vector<Rows>{{0, step.out().height}} : strips_of(step.out());
  step.margins.assign(step.stages.size(), 0);
  for (std::size_t i = step.stages.size() - 1; i > 0; --i) {
    const PlannedStage& later = step.stages[i];
    const int halo = later.stage->reach().halo << later.in.pixels.log2_chroma_height();
    // A margin is whole row groups, like the rows that a stage fills: all those rows need a halo,
    // not only the rows that later stages read.
    const int margin = step.margins[i] + halo;
    step.margins[i - 1] = (margin + strip_alignment - 1) / strip_alignment * strip_alignment;
  }
}

// Does `a` hold all of `b` and more, though not alpha?
bool holds_more(PixelFormat a, PixelFormat b) {
  if (!b.has_chroma() || a.has_alpha() != b.has_alpha()) return false;
  if (a.is_rgb()) return a.depth() >= b.depth();
  return a != b && a.has_chroma() && a.depth() >= b.depth() &&
         a.log2_chroma_width() <= b.log2_chroma_width() &&
         a.log2_chroma_height() <= b.log2_chroma_height() &&
         (a.depth() > b.depth() || a.log2_chroma_width() < b.log2_chroma_width() ||
          a.log2_chroma_height() < b.log2_chroma_height());
}

// From `now`, which filters gave, to the pixel format and the range of `before`.
PlannedStage conversion_back(const Format& now, const Format& before) {
  constexpr int bt601 = 6;  // AVCOL_SPC_SMPTE170M: what libavfilter takes where none is told
  Format to = now;
  to.pixels = before.pixels;
  to.colour.chroma_location = before.colour.chroma_location;
  if (now.pixels.is_rgb()) {
    to.colour.matrix = before.colour.matrix;
    to.colour.range = before.colour.range;
  }
  const int matrix = to.tells_matrix() ? to.colour.matrix : bt601;
  std::shared_ptr<Stage> stage = make_convert_back(to, matrix);
  const Format out = stage->configure(now);
  return {"convert", stage, now, out, "back to " + out.pixels.name()};
}

}  // namespace

std::string Step::name() const {
  std::string text;
  for (const PlannedStage& s : stages) text += (text.empty() ? "" : "+") + s.name;
  return text;
}

std::vector<Rows> strips_of(const Format& format) {
  const std::int64_t luma = std::int64_t{format.pixels.row_bytes(0, format.width)} * format.height;
  const auto cache_sized = static_cast<int>(
      std::bit_ceil(static_cast<std::uint64_t>((luma + strip_bytes - 1) / strip_bytes)));
  const int wanted = std::max(cache_sized, least_strips);
  int rows = std::max((format.height + wanted - 1) / wanted, least_rows);
  rows = (rows + strip_alignment - 1) / strip_alignment * strip_alignment;
  std::vector<Rows> strips;
  for (int begin = 0; begin < format.height; begin += rows)
    strips.push_back({begin, std::min(begin + rows, format.height)});
  return strips;
}

std::vector<Step> conversion_steps(const Format& from, const Format& to) {
  std::vector<Step> steps;
  Format between = from;
  if (!from.same_matrix(to)) {
    between = from.as(PixelFormat::named(fmt::format("gbr{}p{}", from.pixels.has_alpha() ? "a" : "",
                                                     from.pixels.depth() > 8 ? "16le" : "")));
    append(steps, conversion(from, between));
  }
  append(steps, conversion(between, to));
  std::ranges::for_each(steps, cut);
  return steps;
}

std::vector<Step> plan_steps(const std::vector<StageSpec>& stages, const Format& source, int matrix,
                             bool goes_back) {
  std::vector<Step> steps;
  Format format = source;
  std::optional<Format> before;  // filters that gave more than its pixel format holds
  const auto go_back = [&] {
    if (before) append(steps, conversion_back(format, *std::exchange(before, {})));
    if (!steps.empty()) format = steps.back().out();
  };
  for (const StageSpec& spec : stages) {
    if (spec.info->accepts == Accepts::planar) go_back();
    if (spec.info->accepts == Accepts::planar && !format.pixels.planar()) {
      Format planar = format.as(format.pixels.nearest_planar());
      if (format.pixels.is_rgb() && planar.pixels.has_chroma() && matrix != Colour().matrix)
        planar.colour.matrix = matrix;
      append(steps, conversion(format, planar));
      format = steps.back().out();
    }
    const Format in = format;
    append(steps, resolve(spec, format));
    format = steps.back().out();
    if (steps.back().stages.back().stage->names_its_format())
      before.reset();
    else if (goes_back && spec.info->accepts == Accepts::anything && !before &&
             holds_more(format.pixels, in.pixels))
      before = in;
  }
  if (before && format.pixels != before->pixels) go_back();
  std::ranges::for_each(steps, cut);
  return steps;
}

}  // namespace quadrant
