// SPDX-License-Identifier: MIT
// What a plan says that an output keeps, besides packets: looked for in the written file.
#pragma once

#include <string>
#include <vector>

#include "pipeline/media/av.h"
#include "pipeline/media/output_plan.h"

namespace quadrant {

// The first of `properties` that the file lacks, with its stream; "" if it has all. Lenient: a tag
// may have moved to another place or got another name, a value may be written in another way.
std::string first_missing(const AVFormatContext& file, const std::vector<KeptProperty>& properties);

}  // namespace quadrant
