// SPDX-License-Identifier: MIT
// What a unit takes besides its frames in progress, estimated from what is planned. Only how many
// units and frames are in progress at once depends on it, and what is refused for a --memory.
#pragma once

#include <cstdint>

namespace quadrant {

struct Plan;

// Bytes that the program and its libraries use in addition to the units, measured: 56 to 65 MiB.
constexpr std::int64_t program_memory = 72 << 20;

// Bytes of the open input, the decoder's and the encoder's pictures for `pictures` of video (0:
// unknown, many).
std::int64_t codec_memory(const Plan& plan, std::int64_t pictures);
// Of the plan's largest unit.
std::int64_t codec_memory(const Plan& plan);

}  // namespace quadrant
