// SPDX-License-Identifier: MIT
// The only serialisation of a unit: JSON in the plan file and in packet files, the same as CBOR in
// messages. Reading throws nlohmann::json::exception for an invalid unit.
#pragma once

#include <nlohmann/json.hpp>

#include "pipeline/plan/unit.h"

namespace quadrant {

void to_json(nlohmann::json& j, const Segment& segment);
void from_json(const nlohmann::json& j, Segment& segment);
void to_json(nlohmann::json& j, const Unit& unit);
void from_json(const nlohmann::json& j, Unit& unit);

}  // namespace quadrant
