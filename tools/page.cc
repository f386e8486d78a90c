// SPDX-License-Identifier: MIT
#include "tools/page.h"

#include <string_view>

namespace quadrant {

// Generated at build time (page_parts.cc.in).
extern const std::string_view page_html, page_css, page_js, chart_js;

namespace {

// "</" alone can end a page's script, whatever surrounds it. JSON can escape the slash, and "</"
// occurs only inside strings.
std::string without_tags(std::string_view json) {
  std::string text;
  for (char c : json) c == '<' ? text += "\\u003c" : text += c;
  return text;
}

void put(std::string& text, std::string_view mark, std::string_view part) {
  text.replace(text.find(mark), mark.size(), part);
}

}  // namespace

std::string page_of(const std::string& json) {
  std::string page(page_html);
  // Later marks first, so that no mark is searched for in inserted text.
  put(page, "@PAGE_JS@", page_js);
  put(page, "@CHART_JS@", chart_js);
  put(page, "@PAGE_DATA@", without_tags(json));
  put(page, "@PAGE_CSS@", page_css);
  return page;
}

}  // namespace quadrant
