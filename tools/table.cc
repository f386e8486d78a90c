// SPDX-License-Identifier: MIT
#include "tools/table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "pipeline/config/utf8.h"

namespace quadrant {
namespace {

std::size_t width_of(const std::string& text) { return printable_characters(text).size(); }

std::vector<std::size_t> widths_of(const std::vector<TableRow>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const TableRow& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  return widths;
}

}  // namespace

std::string Table::text() const {
  if (rows.empty()) return "";
  const std::vector<std::size_t> widths = widths_of(rows);
  std::string all;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string space(widths[i] - width_of(rows[r][i]), ' ');
      const bool is_text = std::ranges::find(texts, i) != texts.end();
      line += (i > 0 ? "  " : "") + (is_text ? rows[r][i] + space : space + rows[r][i]);
    }
    line.resize(line.find_last_not_of(' ') + 1);
    all += colours.empty() ? line + "\n" : fmt::format("{}{}\033[0m\n", colours[r], line);
  }
  return all;
}

bool wants_colours() {
  const auto value = [](const char* name) {
    const char* found = std::getenv(name);
    return std::string_view(found ? found : "");
  };
  return isatty(STDOUT_FILENO) && value("NO_COLOR").empty() && value("TERM") != "dumb";
}

std::string_view colour_of_quadrant(std::string_view quadrant) {
  if (quadrant == "concurrent and parallel") return "\033[32m";
  if (quadrant == "concurrent, not parallel") return "\033[36m";
  if (quadrant == "parallel, not concurrent") return "\033[33m";
  return "\033[0m";
}

}  // namespace quadrant
