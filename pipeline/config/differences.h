// SPDX-License-Identifier: MIT
// Which keys of a job differ between two runs, for whoever is told that an output is made again.
#pragma once

#include <string>

namespace quadrant {

// Of two texts of to_yaml(), comments included: "output.video.crf was 23 and is 20", the first few
// of them; "" if they are the same or one of them is no such text.
std::string job_differences(const std::string& before, const std::string& after);

}  // namespace quadrant
