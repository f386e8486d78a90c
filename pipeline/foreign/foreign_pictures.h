// SPDX-License-Identifier: MIT
// How frames look to a program of the user: as planes, or as one array of red, green and blue or of
// grey, in a block of memory.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "pipeline/contract/stage.h"
#include "pipeline/media/scaler.h"

namespace quadrant {

// The names that foreign_format() knows, for a parameter.
std::vector<std::string> foreign_formats();

// The picture that a program sees of a planar `in`: itself for "planes"; otherwise 8 bits a sample
// where `in` has no more, else 16.
Format foreign_format(const Format& in, std::string_view name);

// Converts between frames and what a program sees. Not thread-safe: use one per worker.
class ForeignPictures final : public Stage::State {
 public:
  // Throws Error(input) if libswscale cannot convert between the two, in one of the directions.
  ForeignPictures(const Format& in, const Format& seen);

  // Does the program see the frame's own samples, so that nothing is converted?
  bool shows_samples() const { return !there_; }
  // `memory` has the layout of the seen format (PictureLayout).
  void give(const View& frame, std::uint8_t* memory);
  // Fills `out` with what the program left in `memory`; alpha that the program did not see is taken
  // from `like`.
  void take(std::uint8_t* memory, const View& like, const View& out);
  // Is `memory` what give() wrote for this frame? Costs a conversion.
  bool is_unchanged(const View& frame, const std::uint8_t* memory);

 private:
  Format in_, seen_;
  PictureLayout layout_;
  std::optional<Scaler> there_, back_;  // none where the program sees the frame's own samples
  std::vector<std::uint8_t> scratch_;
};

}  // namespace quadrant
