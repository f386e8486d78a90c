// SPDX-License-Identifier: MIT
// What was wrong with an input that was completed nevertheless: libav conceals damage and goes on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/config/job_spec.h"
#include "pipeline/observe/findings.h"

namespace quadrant {

// Call after all of the input was read. `promised`: number of video packets in the container's
// index; 0: unknown. Empty if no damage is known; without an index, a container that ends early
// between two packets (a transport stream) looks like a short one.
std::vector<std::string> damage_of(const Findings& found, std::int64_t promised);

// Why a damaged input fails: by run.on_damage and run.max_damage; "" if what could be decoded is
// kept.
std::string too_much_damage(const Findings& found, std::int64_t promised, const RunSpec& run);

// What converted subtitles lost, times that were made up, and what pictures carry that the output
// does not keep, and that only pictures after the first one show.
std::vector<std::string> late_losses(const Findings& found);

// "picture is 10.0 s, sound stays 52.2 s": a stage moved the picture's times, or left out its
// beginning or end, and `beside` is what the output holds besides; empty if nothing moved.
std::optional<std::string> moved_picture(const Findings& found,
                                         const std::vector<std::string>& beside);

}  // namespace quadrant
