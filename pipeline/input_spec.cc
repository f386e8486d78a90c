// SPDX-License-Identifier: MIT
#include "pipeline/input_spec.h"

#include <charconv>
#include <numeric>

namespace quadrant {
namespace {

// All of `text` as a whole number from 1 to a million.
std::optional<int> to_count(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr int most = 1'000'000;
  const bool is_count =
      error == std::errc() && end == text.data() + text.size() && value >= 1 && value <= most;
  return is_count ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string_view name_of(PictureOrder order) {
  return order == PictureOrder::time ? "time" : "name";
}

std::string_view name_of(MissingPictures rule) {
  switch (rule) {
    case MissingPictures::skip: return "skip";
    case MissingPictures::repeat: return "repeat";
    case MissingPictures::fail: break;
  }
  return "fail";
}

bool operator==(const Selection& a, const Selection& b) {
  return a.start == b.start && a.end == b.end && a.video == b.video && a.audio == b.audio &&
         a.subtitles == b.subtitles && a.is_sequence == b.is_sequence && a.order == b.order &&
         a.missing == b.missing && a.joined == b.joined && a.format == b.format &&
         a.size == b.size && a.pixel_format == b.pixel_format && a.rate == b.rate;
}

InputSpec::InputSpec() = default;
InputSpec::InputSpec(std::string all) : name(std::move(all)) {}
InputSpec::InputSpec(const char* all) : name(all) {}
InputSpec::InputSpec(std::string of, Selection what)
    : name(std::move(of)), taken(std::move(what)) {}

std::optional<std::pair<int, int>> to_rate(std::string_view text) {
  const std::size_t slash = text.find('/'), point = text.find('.');
  if (slash != std::string_view::npos) {
    const auto over = to_count(text.substr(0, slash)), under = to_count(text.substr(slash + 1));
    return over && under ? std::optional(std::pair(*over, *under)) : std::nullopt;
  }
  if (point == std::string_view::npos) {
    const std::optional<int> whole = to_count(text);
    return whole ? std::optional(std::pair(*whole, 1)) : std::nullopt;
  }
  constexpr std::size_t most_decimals = 3;
  const std::string_view decimals = text.substr(point + 1);
  if (decimals.empty() || decimals.size() > most_decimals) return std::nullopt;
  int scale = 1;
  for (std::size_t i = 0; i < decimals.size(); ++i) scale *= 10;
  const std::string digits = std::string(text.substr(0, point)) + std::string(decimals);
  const std::optional<int> value = to_count(digits);
  if (!value) return std::nullopt;
  const int common = std::gcd(*value, scale);
  return std::pair(*value / common, scale / common);
}

std::optional<std::pair<int, int>> to_picture_size(std::string_view text) {
  const std::size_t by = text.find('x');
  if (by == std::string_view::npos) return std::nullopt;
  const auto width = to_count(text.substr(0, by)), height = to_count(text.substr(by + 1));
  constexpr int most = 65536;
  if (!width || !height || *width > most || *height > most) return std::nullopt;
  return std::pair(*width, *height);
}

}  // namespace quadrant
