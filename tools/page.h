// SPDX-License-Identifier: MIT
// One self-contained HTML page that draws measurements: no network, no second file.
//
// Template, style, script and Chart.js (Debian's libjs-chart.js) are compiled into the program
// (tools/page/, tools/CMakeLists.txt). The page receives its data as JSON and makes its charts and
// tables from it, so it shows what --json or --report writes.
#pragma once

#include <string>

namespace quadrant {

// `json`: UTF-8, schema quadrant-bench/2, quadrant-report/2 or quadrant-advice/3.
std::string page_of(const std::string& json);

}  // namespace quadrant
