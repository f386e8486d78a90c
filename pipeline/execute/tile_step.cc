// SPDX-License-Identifier: MIT
#include "pipeline/execute/tile_step.h"

#include <algorithm>

namespace quadrant {
namespace {

constexpr std::ptrdiff_t row_alignment = 64;  // a cache line
constexpr int row_group = 8;  // luma rows, as in the grid: keeps chroma rows and dither rows whole

Rows widened(Rows strip, int margin, int height) {
  const int begin = std::max(0, strip.begin - margin);
  const int end = std::min(height, strip.end + margin);
  return {begin / row_group * row_group,
          std::min(height, (end + row_group - 1) / row_group * row_group)};
}

std::ptrdiff_t stride_of(const Format& format, int plane) {
  return (format.pixels.row_bytes(plane, format.width) + row_alignment - 1) / row_alignment *
         row_alignment;
}

// Memory for some rows of a picture, reused from strip to strip.
class Scratch {
 public:
  View rows(const Format& format, Rows luma) {
    std::size_t wanted = row_alignment;
    for (int p = 0; p < format.pixels.planes(); ++p) wanted += bytes(format, p, luma);
    if (memory_.size() < wanted) memory_.resize(wanted);
    auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    auto* next = memory_.data() + (row_alignment - address % row_alignment) % row_alignment;
    std::array<Plane, 4> planes{};
    for (int p = 0; p < format.pixels.planes(); ++p) {
      planes[static_cast<std::size_t>(p)] = {next, stride_of(format, p)};
      next += bytes(format, p, luma);
    }
    return View(format, luma, planes);
  }

 private:
  static std::size_t bytes(const Format& format, int plane, Rows luma) {
    return static_cast<std::size_t>(stride_of(format, plane) *
                                    plane_rows(format, plane, luma).size());
  }
  std::vector<std::uint8_t> memory_;
};

View whole(const Format& format, const Frame& frame) {
  std::array<Plane, 4> planes{};  // all four: the palette of pal8 is the second
  for (int p = 0; p < 4; ++p) planes[static_cast<std::size_t>(p)] = frame.plane(p);
  return View(format, {0, format.height}, planes);
}

Window window_of(const Format& format, const Picture& picture) {
  std::vector<View> views;
  for (const Frame& f : picture.frames) views.push_back(whole(format, f));
  return Window(std::move(views), picture.current, picture.frame().pts());
}

}  // namespace

Rows rows_made(const Step& step, std::size_t stage, Rows strip) {
  const bool last = stage + 1 == step.stages.size();
  return last ? strip : widened(strip, step.margins[stage], step.stages[stage].out.height);
}

struct TileStep::Worker {
  std::vector<std::unique_ptr<Stage::State>> states;  // by stage
  std::vector<Scratch> scratch;                       // by stage; the last stage writes the frame
};

TileStep::TileStep(const Step& step, ParallelFor strips, ParallelFor slices,
                   std::vector<StageMeter*> meters, const FrameTap& tap, int first_index)
    : step_(step),
      strips_(std::move(strips)),
      slices_(std::move(slices)),
      meters_(std::move(meters)),
      tap_(tap),
      first_index_(first_index),
      frames_(step.out()) {}

TileStep::~TileStep() = default;

std::unique_ptr<TileStep::Worker> TileStep::make_worker() const {
  auto worker = std::make_unique<Worker>();
  for (const PlannedStage& s : step_.stages) worker->states.push_back(s.stage->begin(slices_));
  worker->scratch.resize(step_.stages.size());
  return worker;
}

Frame TileStep::run(const Picture& picture) {
  Frame out = frames_.make(picture.frame());
  const View view = whole(step_.out(), out);
  strips_(static_cast<int>(step_.grid.size()), [&](int i) {
    auto worker = idle_.take([this] { return make_worker(); });
    run_strip(picture, view, i, *worker);
    idle_.give_back(std::move(worker));
  });
  return out;
}

void TileStep::run_strip(const Picture& picture, const View& out, int number, Worker& worker) {
  const Rows strip = step_.grid[static_cast<std::size_t>(number)];
  Window in = window_of(step_.in(), picture);
  for (std::size_t i = 0; i < step_.stages.size(); ++i) {
    const PlannedStage& s = step_.stages[i];
    const bool last = i + 1 == step_.stages.size();
    const View tile =
        last ? out.part(strip) : worker.scratch[i].rows(s.out, rows_made(step_, i, strip));
    meters_[i]->time([&] { s.stage->process(in, tile, worker.states[i].get()); }, number);
    tap_.on_frame(first_index_ + static_cast<int>(i), picture.frame().pts(), tile);
    in = Window(tile, picture.frame().pts());
  }
}

}  // namespace quadrant
