// SPDX-License-Identifier: MIT
// JSON that runs, benchmarks and advice have in common.
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
// One column per figure, since there are many samples; samples_of() reads it back.
nlohmann::ordered_json json_of(const std::vector<OverTime::Sample>& samples);
std::vector<OverTime::Sample> samples_of(const nlohmann::json& columns);

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlanNode, name, how, about, output)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LedgerLine, state, subject, what, is_unasked)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlanGraph, nodes, passthrough, ledger)

}  // namespace quadrant
