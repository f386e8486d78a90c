// SPDX-License-Identifier: MIT
// Rectangles that move over time: from the text of a parameter, or from a file with a line of JSON
// per keyframe, as a detector writes it and a person corrects it. Between two keyframes a region
// moves and grows evenly.
#pragma once

#include <string>
#include <vector>

namespace quadrant {

struct Box {  // luma samples; may lie partly outside of the picture
  double x = 0, y = 0, width = 0, height = 0;
};

struct Keyframe {
  double seconds = 0;
  Box box;
};

struct Region {
  std::vector<Keyframe> keys;  // in order of time, at least one
  bool ellipse = false;
  bool from_track = false;  // it is there only from its first keyframe to its last one
};

// "X Y WIDTH HEIGHT", or with keyframes "0: 10 20 64 64, 2.5: 200 20 64 64"; several regions with ;
// between them. Throws Error(usage).
std::vector<Region> regions_of(const std::string& text, bool ellipse);

// Lines {"id": 1, "time": 2.5, "x": 10, "y": 20, "width": 64, "height": 64, "shape": "ellipse"}: of
// one region those with one id. `shape` may be missing; other keys are ignored, and so are empty
// lines. Throws Error(input) with file and line.
std::vector<Region> track_of(const std::string& path, bool ellipse);

// Where it is at `seconds`, with `margin` samples more on all sides; of no width if it is not
// there. A region of a track is there `hold` seconds longer at both ends.
Box box_at(const Region& region, double seconds, double margin, double hold);

}  // namespace quadrant
