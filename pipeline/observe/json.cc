// SPDX-License-Identifier: MIT
#include "pipeline/observe/json.h"

namespace quadrant {

using nlohmann::ordered_json;

namespace {

ordered_json json_of(const std::vector<PlanNode>& nodes) {
  ordered_json all = ordered_json::array();
  for (const PlanNode& node : nodes)
    all.push_back(
        {{"name", node.name}, {"how", node.how}, {"about", node.about}, {"output", node.output}});
  return all;
}

}  // namespace

ordered_json json_of(const PlanGraph& plan) {
  ordered_json ledger = ordered_json::array();
  for (const LedgerLine& line : plan.ledger)
    ledger.push_back({{"state", line.state},
                      {"subject", line.subject},
                      {"what", line.what},
                      {"is_unasked", line.is_unasked}});
  return {{"nodes", json_of(plan.nodes)},
          {"passthrough", json_of(plan.passthrough)},
          {"ledger", ledger}};
}

ordered_json json_of(const std::vector<PlannedAlike>& plans) {
  ordered_json all = ordered_json::array();
  for (const PlannedAlike& alike : plans)
    all.push_back({{"inputs", alike.inputs}, {"plan", json_of(alike.plan)}});
  return all;
}

ordered_json json_of(const std::vector<StageReport>& stages) {
  ordered_json all = ordered_json::array();
  for (const StageReport& s : stages)
    all.push_back({{"name", s.name},
                   {"calls", s.calls},
                   {"cpu_seconds", s.cpu_seconds},
                   {"wait_seconds", s.wait_seconds}});
  return all;
}

ordered_json json_of(const ContextSwitches& switches) {
  return {{"voluntary", switches.voluntary}, {"involuntary", switches.involuntary}};
}

ordered_json json_of(const Machine& machine) {
  return {{"cpu", machine.cpu},
          {"cores", machine.cores},
          {"memory_bytes", machine.memory_bytes},
          {"governor", machine.governor},
          {"kernel", machine.kernel},
          {"optimized_build", is_optimized_build()}};
}

ordered_json json_of(const std::vector<OverTime::Sample>& samples) {
  ordered_json all = {{"seconds", ordered_json::array()},
                      {"in_progress", ordered_json::array()},
                      {"executing", ordered_json::array()},
                      {"rss_bytes", ordered_json::array()}};
  for (const OverTime::Sample& s : samples) {
    all["seconds"].push_back(s.end);
    all["in_progress"].push_back(s.in_progress);
    all["executing"].push_back(s.executing);
    all["rss_bytes"].push_back(s.rss_bytes);
  }
  return all;
}

std::vector<OverTime::Sample> samples_of(const nlohmann::json& columns) {
  std::vector<OverTime::Sample> samples;
  for (std::size_t i = 0; i < columns.at("seconds").size(); ++i)
    samples.push_back({.begin = samples.empty() ? 0 : samples.back().end,
                       .end = columns.at("seconds").at(i),
                       .in_progress = columns.at("in_progress").at(i),
                       .executing = columns.at("executing").at(i),
                       .rss_bytes = columns.at("rss_bytes").at(i)});
  return samples;
}

}  // namespace quadrant
