// SPDX-License-Identifier: MIT
// One self-contained HTML page that draws what was measured: no network, no second file.
//
// Template, style, script and Chart.js (Debian's libjs-chart.js) are put into the program when it
// is built (tools/page/, tools/CMakeLists.txt). The page gets its data as JSON and makes charts and
// tables of it by itself, so what it shows is what --json or --report writes.
#pragma once

#include <string>

namespace quadrant {

// `json`: of schema quadrant-bench/2, quadrant-report/2 or quadrant-advice/3, in UTF-8.
std::string page_of(const std::string& json);

}  // namespace quadrant
