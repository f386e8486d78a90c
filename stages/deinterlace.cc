// SPDX-License-Identifier: MIT
// deinterlace: whole pictures of interlaced ones, a picture a frame. The lines of the field that
// comes first in time are kept, the others are made from it and from the fields before and after,
// by the method of FFmpeg's bwdif: where nothing moves, the line between is that of the neighbours
// in time; where something moves, it is interpolated in the field by w3fdif's filters (BBC R&D,
// Weston), and limited to what yadif's checks in time and space allow.
//
// With `rate: field` the second field of each frame gives a picture, too; these come as a stream.
//
// It differs from bwdif at the upper and lower edge, where the picture is mirrored and the same
// filters are used, and in what it reads: a frame, its neighbours and 4 rows around, nothing else,
// so frames, strips and segments can be done at once.
#include <cstdlib>
#include <limits>

#include "stages/samples.h"

namespace quadrant {
namespace {

// Line i of a field around a missing line, of one frame.
template <class T>
struct FieldLines {
  const T *up3, *up1, *down1, *down3;  // of the field that is kept
};
template <class T>
struct OtherLines {  // of the field that is missing, in the frame before or after
  const T *up4, *up2, *now, *down2, *down4;
};

class Deinterlace final : public Stage {
 public:
  std::string field_order = "auto", rate = "frame";

  Format configure(const Format& in) override {
    constexpr int progressive = 1, bottom_first = 3, bottom_shown_first = 4;  // AVFieldOrder
    tagged_ = in.interlaced();
    bottom_first_ = field_order == "bottom" ||
                    (field_order == "auto" &&
                     (in.field_order == bottom_first || in.field_order == bottom_shown_first));
    Format out = in;
    out.field_order = progressive;
    out.deinterlaced = true;
    if (of_fields()) {
      if (out.time_base.den > std::numeric_limits<int>::max() / 2)
        fail(Fault::input, "cannot make a picture of each field: the input counts time too finely");
      out.time_base.den *= 2;
      out.frame_rate.num *= 2;
    }
    out_ = out;
    return out;
  }
  Processing processing() const override {
    return of_fields() ? Processing::stream : Processing::tile;
  }
  Order order() const override { return of_fields() ? Order::in_order : Order::any_order; }
  Reach reach() const override {
    return of_fields() ? Reach{} : Reach{.halo = 4, .past = 1, .future = 1};
  }
  std::vector<std::string> notes() const override {
    if (tagged_ || field_order != "auto") return {};
    return {
        "the input does not say which field comes first; the upper one is taken, and "
        "field_order: bottom takes the lower"};
  }
  std::optional<int> warm_up() const override { return 1; }
  LookAhead look_ahead() const override { return {.frames = of_fields() ? 1 : 0}; }
  std::unique_ptr<State> begin(const ParallelFor& slices) const override {
    return of_fields() ? std::make_unique<Fields>(out_, slices) : nullptr;
  }

  void process(const Window& in, const Tile& out, State*) const override {
    weave({in.past() > 0 ? in.at(-1) : in.now(), in.now(), in.future() > 0 ? in.at(1) : in.now()},
          false, out);
  }

  // A picture a field: those of a frame when the next one has come.
  void stream(const Frame& in, State* state, const Emit& emit) const override {
    auto& fields = static_cast<Fields&>(*state);
    if (fields.now) {
      const std::int64_t now = fields.now.pts(), length = fields.now.duration();
      const std::int64_t next = in ? in.pts() : now + std::max<std::int64_t>(length, 1);
      // In ticks of half the size.
      emit(picture_of(fields, in, false).at(2 * now, next - now));
      emit(picture_of(fields, in, true).at(now + next, next - now));
    }
    fields.before = fields.now;
    fields.now = in;
  }

 private:
  struct Fields final : State {
    Fields(const Format& out, ParallelFor for_slices) : pool(out), slices(std::move(for_slices)) {}
    FramePool pool;
    ParallelFor slices;
    Frame before, now;
  };
  struct Pictures {
    View before, now, after;
  };

  bool of_fields() const { return rate == "field"; }

  Frame picture_of(const Fields& fields, const Frame& after, bool second) const {
    constexpr int slice_rows = 64;  // luma; a multiple of any chroma's
    Frame made = fields.pool.make(fields.now);
    const View to(made), now(fields.now);
    const Pictures in{fields.before ? View(fields.before) : now, now, after ? View(after) : now};
    const int height = to.format().height;
    fields.slices((height + slice_rows - 1) / slice_rows, [&](int i) {
      weave(in, second, to.part({i * slice_rows, std::min(height, (i + 1) * slice_rows)}));
    });
    return made;
  }

  // `second`: keeps the field that comes second.
  void weave(const Pictures& in, bool second, const Tile& out) const {
    for (int p = 0; p < out.planes(); ++p)
      if (out.format().plane_height(p) < 2)
        copy_plane(in.now, out, p);
      else
        with_sample_type(out.format(),
                         [&](auto t) { weave_plane<decltype(t)>(in, second, out, p); });
  }

  // The field that is missing was last shown with the frame before and is next shown with its own,
  // or, if the second one is kept, with its own and the frame after.
  template <class T>
  void weave_plane(const Pictures& in, bool second, const Tile& out, int plane) const {
    const View &last = second ? in.now : in.before, &next = second ? in.after : in.now;
    const Rows tile = out.rows(plane);
    const int kept = bottom_first_ != second ? 1 : 0;
    cv::Mat to = out.plane(plane);
    for (int row = tile.begin; row < tile.end; ++row) {
      T* line = to.ptr<T>(row - tile.begin);
      if (row % 2 == kept)
        std::copy_n(line_of<T>(in.now, plane, row), to.cols, line);
      else
        fill_line(kept_lines<T>(in.before, plane, row), kept_lines<T>(in.now, plane, row),
                  kept_lines<T>(in.after, plane, row), missing_lines<T>(last, plane, row),
                  missing_lines<T>(next, plane, row), to.cols, peak(out.format()), line);
    }
  }

  // A row of the picture mirrored at its edges, which keeps the fields apart.
  template <class T>
  static const T* line_of(const View& view, int plane, int row) {
    const int height = view.format().plane_height(plane);
    while (row < 0 || row >= height) row = row < 0 ? -row : 2 * (height - 1) - row;
    return view.plane(plane).ptr<T>(row - view.rows(plane).begin);
  }
  template <class T>
  static FieldLines<T> kept_lines(const View& view, int plane, int row) {
    return {line_of<T>(view, plane, row - 3), line_of<T>(view, plane, row - 1),
            line_of<T>(view, plane, row + 1), line_of<T>(view, plane, row + 3)};
  }
  template <class T>
  static OtherLines<T> missing_lines(const View& view, int plane, int row) {
    return {line_of<T>(view, plane, row - 4), line_of<T>(view, plane, row - 2),
            line_of<T>(view, plane, row), line_of<T>(view, plane, row + 2),
            line_of<T>(view, plane, row + 4)};
  }

  template <class T>
  static void fill_line(const FieldLines<T>& before, const FieldLines<T>& now,
                        const FieldLines<T>& after, const OtherLines<T>& last,
                        const OtherLines<T>& next, int width, int top, T* to) {
    for (int x = 0; x < width; ++x) {
      const int up = now.up1[x], down = now.down1[x];
      const int there = (last.now[x] + next.now[x]) >> 1;
      const int moved = std::abs(last.now[x] - next.now[x]);
      const int moved_before =
          (std::abs(before.up1[x] - up) + std::abs(before.down1[x] - down)) >> 1;
      const int moved_after = (std::abs(after.up1[x] - up) + std::abs(after.down1[x] - down)) >> 1;
      const int still = std::max({moved >> 1, moved_before, moved_after});
      // How far the line may be from that of the neighbours in time, seen in space.
      const int above = ((last.up2[x] + next.up2[x]) >> 1) - up;
      const int below = ((last.down2[x] + next.down2[x]) >> 1) - down;
      const int most = std::max({there - down, there - up, std::min(above, below)});
      const int least = std::min({there - down, there - up, std::max(above, below)});
      const int room = std::max({still, least, -most});
      const int in_field = (5077 * (up + down) - 981 * (now.up3[x] + now.down3[x])) >> 13;
      const int high = (5570 * (last.now[x] + next.now[x]) -
                        3801 * (last.up2[x] + next.up2[x] + last.down2[x] + next.down2[x]) +
                        1016 * (last.up4[x] + next.up4[x] + last.down4[x] + next.down4[x])) >>
                       2;
      const int of_both = (high + 4309 * (up + down) - 213 * (now.up3[x] + now.down3[x])) >> 13;
      const int wanted = std::abs(up - down) > moved ? of_both : in_field;
      const int limited = std::min(std::max(wanted, there - room), there + room);
      to[x] = static_cast<T>(std::min(std::max(still == 0 ? there : limited, 0), top));
    }
  }

  Format out_;
  bool bottom_first_ = false, tagged_ = false;
};

}  // namespace

StageInfo deinterlace_stage() {
  return {
      .name = "deinterlace",
      .summary = "Make whole pictures of interlaced ones (as bwdif)",
      .kind = "window",
      .params = {param("field_order", &Deinterlace::field_order,
                       "which field comes first: auto is as the input says, and top if it says "
                       "nothing")
                     .one_of({"auto", "top", "bottom"})
                     .shorthand(),
                 param("rate", &Deinterlace::rate,
                       "frame: a picture a frame, in parallel; field: a picture a field, twice as "
                       "many, one after another")
                     .one_of({"frame", "field"})},
      .make = make_stage<Deinterlace>};
}

}  // namespace quadrant
