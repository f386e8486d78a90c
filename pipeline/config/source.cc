// SPDX-License-Identifier: MIT
#include "pipeline/config/source.h"

#include <algorithm>
#include <vector>

#include "pipeline/config/utf8.h"

namespace quadrant {
namespace {

constexpr std::size_t largest_text = 1 << 20;  // far above any job written by hand or by a program
constexpr std::size_t widest_excerpt = 100, kept_before = 60, kept_after = 37;

using Characters = std::vector<std::string>;

std::string joined(const Characters& characters) {
  std::string text;
  for (const std::string& character : characters) text += character;
  return text;
}

// A line of a thousand characters helps nobody: keeps what is around the caret.
void cut_around(Characters& before, Characters& after) {
  if (before.size() + after.size() <= widest_excerpt) return;
  if (before.size() > kept_before) {
    before.erase(before.begin(), before.end() - kept_before);
    before.insert(before.begin(), 3, ".");
  }
  if (after.size() > kept_after) {
    after.resize(kept_after);
    after.emplace_back("...");
  }
}

// A blank under each character, a tab under a tab, so that the caret is right at any tab width.
std::string caret_under(const Characters& before) {
  std::string line;
  for (const std::string& character : before) line += character == "\t" ? '\t' : ' ';
  return line + "^";
}

std::string without_returns(const std::string& text) {
  std::string lines;
  lines.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') lines += text[i];
  return lines;
}

void check_characters(const std::shared_ptr<const Source>& source) {
  const std::string& text = source->text();
  SourceLocation location{source, 1, 1};
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text, at);
    if (length == 0) location.fail("this is not UTF-8 text");
    if (text[at] == '\n') {
      ++location.line;
      location.column = 0;
    } else if (is_control(text[at])) {
      location.fail(
          fmt::format("control character 0x{:02x}", static_cast<unsigned char>(text[at])));
    }
    at += length;
    location.column += static_cast<int>(length);
  }
}

}  // namespace

std::string_view Source::line(int number) const {
  std::string_view rest = text_;
  for (; number > 1; --number) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  return rest.substr(0, rest.find('\n'));
}

std::string SourceLocation::message(std::string_view text) const {
  if (!source) return std::string(text);
  const std::string_view written = source->line(line);
  const std::size_t split =
      std::min(static_cast<std::size_t>(std::max(column - 1, 0)), written.size());
  Characters before = printable_characters(written.substr(0, split));
  Characters after = printable_characters(written.substr(split));
  std::string result = source->is_option() ? fmt::format("{}: {}", source->name(), text)
                                           : fmt::format("{}:{}:{}: {}", source->name(), line,
                                                         before.size() + 1, text);
  if (written.find_first_not_of(" \t") == std::string_view::npos) return result;
  cut_around(before, after);
  if (source->is_option() && line == 1) {
    const Characters option = printable_characters(source->name() + " ");
    before.insert(before.begin(), option.begin(), option.end());
  }
  return result + "\n" + joined(before) + joined(after) + "\n" + caret_under(before);
}

void SourceLocation::fail(std::string_view text, Fault fault) const {
  throw Error(fault, message(text));
}

std::shared_ptr<const Source> make_source(const std::string& name, std::string text) {
  if (text.size() > largest_text)
    fail(Fault::usage, "{}: a configuration must not be larger than {} bytes", name, largest_text);
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  auto source = std::make_shared<const Source>(name, without_returns(text));
  check_characters(source);
  return source;
}

}  // namespace quadrant
