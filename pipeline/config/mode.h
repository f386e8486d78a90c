// SPDX-License-Identifier: MIT
// The modes in which a job can run.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace quadrant {

enum class Mode { sequential, concurrent, tiles, frames, segments, automatic };
inline constexpr std::array all_modes{Mode::sequential, Mode::concurrent, Mode::tiles,
                                      Mode::frames,     Mode::segments,   Mode::automatic};
std::string_view name_of(Mode mode);  // "auto" for automatic
std::optional<Mode> mode_named(std::string_view name);
constexpr bool runs_on_one_core(Mode mode) {
  return mode == Mode::sequential || mode == Mode::concurrent;
}

}  // namespace quadrant
