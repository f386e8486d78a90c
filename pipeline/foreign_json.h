// SPDX-License-Identifier: MIT
// JSON and CBOR that others may have written: what the library would do without a look at the
// bytes, and must not.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace quadrant {

// Throws nlohmann::json::exception for anything but a whole number: the library casts 1e300 to an
// integer, which is undefined behaviour.
inline std::int64_t whole_number(const nlohmann::json& told) {
  return told.get_ref<const nlohmann::json::number_integer_t&>();
}

// A whole number below `end`, and not negative: what may become an enumerator. Throws
// std::out_of_range otherwise.
inline int number_below(int end, const nlohmann::json& told) {
  const std::int64_t value = whole_number(told);
  if (value < 0 || value >= end) throw std::out_of_range(std::to_string(value));
  return static_cast<int>(value);
}

// Null if the bytes are not CBOR, hold a fraction beyond an int, or are nested deeper than anything
// of ours: the library calls itself once a level, until the stack ends.
nlohmann::json from_cbor(const char* begin, const char* end);

}  // namespace quadrant
