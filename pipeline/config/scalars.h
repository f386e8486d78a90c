// SPDX-License-Identifier: MIT
// What a bare word means: YAML 1.2's core schema without its surprises. `yes`, `no`, `on` and `off`
// are text; `010` is not a number (eight or ten?), nor are nan and infinity.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace quadrant {

std::optional<bool> to_boolean(std::string_view text);
std::optional<std::int64_t> to_integer(std::string_view text);
std::optional<double> to_real(std::string_view text);  // finite; integers count too

// Is it written as a number, whether or not it can be stored? 1e999 is.
bool is_number(std::string_view text);

// Seconds, from "90.5", "1:30.5" or "0:01:30.5".
std::optional<double> to_seconds(std::string_view text);
// The unit of a parameter that takes to_seconds().
inline constexpr std::string_view time_unit = "seconds or h:mm:ss";

// What to_size() of job_spec.h accepts besides a bare number, for the JSON schema.
extern const char* const size_pattern;
// A share in percent.
extern const char* const share_pattern;
// A time with colons.
extern const char* const time_pattern;

}  // namespace quadrant
