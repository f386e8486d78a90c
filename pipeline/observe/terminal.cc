// SPDX-License-Identifier: MIT
#include "pipeline/observe/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <cwchar>
#include <vector>

#include "pipeline/config/utf8.h"

namespace quadrant {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool shows_colours() { return draws_over_lines() && environment("NO_COLOR").empty(); }

struct Character {
  std::string text;
  std::size_t columns = 1;
};

// The C library knows which characters are wide, but only in a locale of Unicode: this one is part
// of it, whatever locale the user has.
std::vector<Character> characters_of(std::string_view text) {
  static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
  const locale_t users = unicode ? uselocale(unicode) : locale_t{};
  std::vector<Character> all;
  for (std::string& character : printable_characters(text)) {
    wchar_t code = 0;
    std::mbstate_t state{};
    const std::size_t read = std::mbrtowc(&code, character.data(), character.size(), &state);
    const int columns = read == character.size() ? wcwidth(code) : 1;
    all.push_back({std::move(character), columns < 0 ? 1 : static_cast<std::size_t>(columns)});
  }
  if (unicode) uselocale(users);
  return all;
}

std::size_t columns_of(const std::vector<Character>& all) {
  std::size_t columns = 0;
  for (const Character& c : all) columns += c.columns;
  return columns;
}

std::string beginning(const std::vector<Character>& all, std::size_t most) {
  std::string text;
  for (const Character& c : all) {
    if (c.columns > most) break;
    most -= c.columns;
    text += c.text;
  }
  return text;
}

std::string ending(const std::vector<Character>& all, std::size_t most) {
  std::size_t from = all.size();
  while (from > 0 && all[from - 1].columns <= most) most -= all[--from].columns;
  while (from < all.size() && all[from].columns == 0) ++from;  // its letter was cut away
  std::string text;
  for (; from < all.size(); ++from) text += all[from].text;
  return text;
}

}  // namespace

TerminalSize terminal_size() {
  TerminalSize size;
  winsize told{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &told) != 0) return size;
  if (told.ws_row > 0) size.rows = told.ws_row;
  if (told.ws_col > 0) size.columns = told.ws_col;
  return size;
}

bool draws_over_lines() {
  return isatty(STDERR_FILENO) && !environment("TERM").empty() && environment("TERM") != "dumb";
}

std::string in_red(std::string_view text) {
  if (!shows_colours()) return std::string(text);
  return "\x1b[31m" + std::string(text) + "\x1b[0m";
}

std::string failed_in_red(std::string message) {
  constexpr std::string_view failed = "failed:";
  if (message.starts_with(failed)) message.replace(0, failed.size(), in_red(failed));
  return message;
}

std::size_t columns_of(std::string_view text) { return columns_of(characters_of(text)); }

std::string cut_in_middle(std::string_view text, std::size_t most) {
  constexpr std::string_view dots = "...";
  const std::vector<Character> all = characters_of(text);
  if (columns_of(all) <= most) return beginning(all, most);
  if (most <= dots.size()) return std::string(dots.substr(0, most));
  const std::size_t kept = most - dots.size();
  return beginning(all, (kept + 1) / 2) + std::string(dots) + ending(all, kept / 2);
}

std::string cut_at_end(std::string_view text, std::size_t most) {
  return beginning(characters_of(text), most);
}

}  // namespace quadrant
