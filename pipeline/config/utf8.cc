// SPDX-License-Identifier: MIT
#include "pipeline/config/utf8.h"

#include <algorithm>

namespace quadrant {
namespace {

struct Lead {  // what a first byte announces
  std::size_t length;
  char32_t bits, lowest;  // payload of the first byte; less than `lowest` would be overlong
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xc0 && byte < 0xe0) return {2, byte & 0x1fu, 0x80};
  if (byte >= 0xe0 && byte < 0xf0) return {3, byte & 0x0fu, 0x800};
  if (byte >= 0xf0 && byte < 0xf8) return {4, byte & 0x07u, 0x10000};
  return {0, 0, 0};
}

// U+0080 to U+009F: terminals obey them as they obey escapes.
bool is_long_control(std::string_view character) {
  return character.size() == 2 && character[0] == '\xc2' &&
         static_cast<unsigned char>(character[1]) < 0xa0;
}

bool is_scalar_value(char32_t c) { return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff); }

}  // namespace

std::size_t character_length(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const Lead lead = lead_of(static_cast<unsigned char>(text[at]));
  if (lead.length == 0 || at + lead.length > text.size()) return 0;
  char32_t c = lead.bits;
  for (std::size_t i = 1; i < lead.length; ++i) {
    const unsigned char byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xc0) != 0x80) return 0;
    c = (c << 6) | (byte & 0x3fu);
  }
  return c >= lead.lowest && is_scalar_value(c) ? lead.length : 0;
}

bool is_control(char byte) {
  const unsigned char c = static_cast<unsigned char>(byte);
  return (c < 0x20 && c != '\t') || c == 0x7f;
}

std::vector<std::string> printable_characters(std::string_view text) {
  std::vector<std::string> characters;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text, at);
    const std::string_view character = text.substr(at, length);
    const bool is_text = length > 0 && !is_control(text[at]) && !is_long_control(character);
    characters.push_back(is_text ? std::string(character) : "?");
    at += std::max<std::size_t>(length, 1);
  }
  return characters;
}

std::string printable(std::string_view text) {
  std::string result;
  for (const std::string& character : printable_characters(text)) result += character;
  return result;
}

std::string printable_lines(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return printable(text);
  return printable(text.substr(0, end)) + "\n" + printable_lines(text.substr(end + 1));
}

std::string shortened(std::string_view text, std::size_t most) {
  const std::vector<std::string> characters = printable_characters(text.substr(0, 4 * most + 4));
  std::string result;
  for (std::size_t i = 0; i < characters.size() && i < most; ++i)
    result += characters[i] == "\t" ? " " : characters[i];
  return characters.size() > most ? result + "..." : result;
}

}  // namespace quadrant
