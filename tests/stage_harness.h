// SPDX-License-Identifier: MIT
// Runs stages as an executor might, in the most hostile memory that keeps the contract: a tile gets
// the rows it may read and nothing else, surrounded by poison; its output is surrounded by guards.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "stages/stages.h"
#include "tests/pictures.h"

namespace quadrant::test {

using Values = std::vector<std::pair<std::string, Value>>;

std::unique_ptr<Stage> make_stage_of(std::string_view name, const Values& values = {});
// Sets a parameter as the configuration would, with its range checked.
void set(Stage& stage, const StageInfo& info, const std::string& name, const Value& value);

// A calibration of a lens with so many coefficients (4: a fisheye), for pictures of any size.
std::string lens_file(int coefficients = 5);

inline Value number(int v) { return std::int64_t{v}; }

void in_turn(int count, const std::function<void(int)>& body);

// Rows of a picture in a block of memory of their own. All bytes that are not samples of these rows
// (before, after, and between the rows) hold `poison`.
class Strip {
 public:
  Strip(const Format& format, Rows luma, std::uint8_t poison);
  // The rows of `frame`. Rows of a plane farther than `halo` from `near` hold poison as well.
  Strip(const Frame& frame, Rows luma, std::uint8_t poison, int halo, Rows near);

  View view() const;
  bool guards_intact() const;
  void copy_to(const Frame& frame) const;
  Bytes memory() const;  // everything, to see whether anybody wrote

 private:
  std::uint8_t* row(int plane, int row) const;

  const Format* format_;
  Rows luma_;
  std::uint8_t poison_;
  std::size_t strides_[4] = {};
  mutable std::vector<Bytes> blocks_;
};

// The frames of an input, and what a stage makes of frame `index`. The window is cut at both ends.
using Clip = std::vector<Frame>;
Clip clip(const Format& format, int frames);
Frame whole(const Stage& stage, const Format& out, const Clip& in, int index, Stage::State* state);

// The same in tiles: `cuts` are the luma rows where tiles begin (without 0), run in the order of a
// shuffle. Expects that guards and inputs stay as they were.
Frame in_tiles(const Stage& stage, const Format& out, const Clip& in, int index,
               const std::vector<int>& cuts, Stage::State* state, std::uint8_t poison);

// Every luma row where a tile may begin; only every other, ...
std::vector<int> cuts_every(const Format& out, int rows);
std::vector<int> random_cuts(const Format& out, unsigned seed);

}  // namespace quadrant::test
