// SPDX-License-Identifier: MIT
// What a stage promises about its calls (stage.h). Plain values: a plan holds them without needing
// pictures.
#pragma once

namespace quadrant {

enum class Order {
  any_order,  // calls may overlap and come in any order
  in_order,   // one call at a time, in frame order, each with the memory that the last one left
};

enum class Processing { tile, stream, async };

struct Reach {  // how far around an output sample process() may read
  enum class Space {
    rows,      // the same place, plus `halo` rows above and below
    anywhere,  // anywhere in the input, for any requested output rows (geometry)
    frame,     // the whole input, for the whole output in one call (global statistics)
  };
  Space space = Space::rows;
  int halo = 0;              // rows, in each plane's own grid; 0: a point operation
  int past = 0, future = 0;  // frames
};

// What of the later input an in_order stage wants to have seen before it has given everything up to
// a moment: all of the next `seconds`, and `frames` more.
struct LookAhead {
  int frames = 0;
  double seconds = 0;
};

struct Rows {  // half open: begin <= row < end
  int begin = 0, end = 0;
  int size() const { return end - begin; }
  friend bool operator==(const Rows&, const Rows&) = default;
};

}  // namespace quadrant
