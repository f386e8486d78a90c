// SPDX-License-Identifier: MIT
#include "pipeline/config/scalars.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "pipeline/config/job_spec.h"

namespace quadrant {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

void skip_sign(std::string_view& text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
}

bool is_exponent(std::string_view text) {
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  skip_sign(text);
  return !take_digits(text).empty() && text.empty();
}

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::int64_t power(std::int64_t base, int exponent) {
  return exponent == 0 ? 1 : base * power(base, exponent - 1);
}

// "", K, KB, KiB, M ...: its size in bytes.
std::optional<std::int64_t> size_unit(std::string_view unit) {
  constexpr std::string_view letters = "KMGT";
  if (unit.empty() || unit == "B") return 1;
  const std::size_t letter = letters.find(unit[0] == 'k' ? 'K' : unit[0]);
  if (letter == std::string_view::npos) return std::nullopt;
  unit.remove_prefix(1);
  const int exponent = static_cast<int>(letter) + 1;
  if (unit.empty() || unit == "iB") return power(1024, exponent);
  return unit == "B" ? std::optional(power(1000, exponent)) : std::nullopt;
}

}  // namespace

const char* const time_pattern = "^([0-9]+:)?[0-9]+:[0-5]?[0-9]([.][0-9]+)?$";
const char* const share_pattern = "^[0-9]+([.][0-9]+)?%$";
const char* const size_pattern = "^[0-9]+([kKMGT](i?B)?|B)$";

std::optional<bool> to_boolean(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

bool is_number(std::string_view text) {
  skip_sign(text);
  const std::string_view whole = take_digits(text);
  if (whole.size() > 1 && whole[0] == '0') return false;
  if (!text.starts_with('.')) return !whole.empty() && is_exponent(text);
  text.remove_prefix(1);
  const std::string_view fraction = take_digits(text);
  return !(whole.empty() && fraction.empty()) && is_exponent(text);
}

std::optional<std::int64_t> to_integer(std::string_view text) {
  return is_number(text) ? parsed<std::int64_t>(text) : std::nullopt;
}

std::optional<double> to_real(std::string_view text) {
  return is_number(text) ? parsed<double>(text) : std::nullopt;
}

std::optional<std::int64_t> to_size(std::string_view text) {
  const std::string_view digits = take_digits(text);
  if (digits.size() > 1 && digits[0] == '0') return std::nullopt;
  const std::optional<std::int64_t> count = parsed<std::int64_t>(digits);
  const std::optional<std::int64_t> unit = size_unit(text);
  if (!count || !unit || *count > std::numeric_limits<std::int64_t>::max() / *unit)
    return std::nullopt;
  return *count * *unit;
}

// The largest unit may be more than 59: 90:00 is an hour and a half.
std::optional<double> to_seconds(std::string_view text) {
  constexpr int most_fields = 3;
  double seconds = 0;
  for (int field = 1; field <= most_fields; ++field) {
    const std::string_view rest = text;
    const std::string_view whole = take_digits(text);
    const bool is_last = !text.starts_with(':');
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      take_digits(text);
    }
    const std::optional<double> value = parsed<double>(rest.substr(0, rest.size() - text.size()));
    if (whole.empty() || !value || (field > 1 && *value >= 60)) return std::nullopt;
    seconds = seconds * 60 + *value;
    if (is_last) return text.empty() ? std::optional(seconds) : std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

}  // namespace quadrant
