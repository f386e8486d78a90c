// SPDX-License-Identifier: MIT
// What the JSON of a run, of a benchmark and of advice say alike.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "pipeline/observe/machine.h"
#include "pipeline/observe/over_time.h"
#include "pipeline/observe/plan_graph.h"
#include "pipeline/observe/report.h"

namespace quadrant {

nlohmann::ordered_json json_of(const PlanGraph& plan);
nlohmann::ordered_json json_of(const std::vector<PlannedAlike>& plans);
nlohmann::ordered_json json_of(const std::vector<StageReport>& stages);
nlohmann::ordered_json json_of(const ContextSwitches& switches);
nlohmann::ordered_json json_of(const Machine& machine);
// A column a figure: the samples are many. And back.
nlohmann::ordered_json json_of(const std::vector<OverTime::Sample>& samples);
std::vector<OverTime::Sample> samples_of(const nlohmann::json& columns);

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlanNode, name, how, about, output)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlanGraph, nodes, passthrough)

}  // namespace quadrant
