// SPDX-License-Identifier: MIT
// Checks one value against its declaration, for a stage's parameter or a section's key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config/problems.h"
#include "pipeline/config/read_yaml.h"
#include "pipeline/contract/param.h"

namespace quadrant {

// Sets `param` of `target` from `node` and returns the value; nullopt, with a problem added, if it
// is invalid. `subject` owns the parameter: "blur", "output.video", "" for the job.
std::optional<Value> read_value(const YamlNode& node, const Param& param, Configurable& target,
                                std::string_view subject, Problems& problems);

// "blur: radius", or "version" without a subject.
std::string labelled(std::string_view subject, std::string_view name);

// "a, b or c"
std::string any_of(const std::vector<std::string>& words);

}  // namespace quadrant
