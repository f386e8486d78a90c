// SPDX-License-Identifier: MIT
// The plan for people: the input, the stages and how they run, the output, the losses.
#include <algorithm>

#include "pipeline/contract/stage.h"
#include "pipeline/counted.h"
#include "pipeline/plan/graph.h"
#include "pipeline/plan/plan.h"

namespace quadrant {
namespace {

std::string reach_text(const PlannedStage& s) {
  const Reach r = s.stage->reach();
  std::string text = r.space == Reach::Space::frame      ? "whole frame"
                     : r.space == Reach::Space::anywhere ? "geometry"
                     : r.halo == 0                       ? "point"
                                                         : "halo " + counted(r.halo, "row");
  if (r.past + r.future > 0)
    text += fmt::format(", window -{}..+{}", r.past, counted(r.future, "frame"));
  if (s.stage->processing() == Processing::stream) text = "whole frames";
  if (s.stage->processing() == Processing::async) text = "waits";
  return text;
}

std::string how_of(const Step& step) {
  if (step.processing == Processing::async) return "any number at once, holding no core";
  if (step.order == Order::in_order) return "one frame after another, in order";
  if (step.grid.size() <= 1) return "any order, whole frames";
  return fmt::format("any order, {} of {}", counted(std::ssize(step.grid), "strip"),
                     counted(step.grid.front().size(), "row"));
}

std::string step_text(const Step& step) {
  std::string text = fmt::format("  {}: {}\n", step.name(), how_of(step));
  for (const PlannedStage& s : step.stages)
    text += fmt::format("    {:<16} {:<28} {} -> {}{}{}\n", s.name, reach_text(s), s.in.describe(),
                        s.out.describe(), s.parameters.empty() ? "" : "  ", s.parameters);
  return text;
}

std::string options_text(const Options& options) {
  std::string text;
  for (const auto& [name, value] : options) text += fmt::format(" {}={}", name, value);
  return text;
}

std::string stream_text(const StreamPlan& s, const OutputPlan& output, bool is_video) {
  switch (s.action) {
    case StreamPlan::Action::copy: return s.is_other_video ? "copied, not processed" : "copied";
    case StreamPlan::Action::leave_out: return "left out: " + s.reason;
    case StreamPlan::Action::encode: break;
  }
  if (!is_video && !s.reason.empty())
    return fmt::format("converted to {} by {}: {}", s.codec, s.encoder, s.reason);
  const std::string filter = s.filter.empty() ? "" : fmt::format("filtered by \"{}\", ", s.filter);
  if (!is_video) return filter + "encoded by " + s.encoder + options_text(s.options);
  return fmt::format("encoded by {}{}, {}, time base {}/{}", output.video.encoder,
                     options_text(output.video.options),
                     counted(output.video.threads, "encoder thread"),
                     output.video.format.time_base.num, output.video.format.time_base.den);
}

std::string list(std::string_view title, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += fmt::format("{} {}\n", title, line);
  return text;
}

// What is lost follows, in the words of the report.
std::string ledger_text(const Plan& plan) {
  std::string text;
  for (const LedgerLine& line : ledger_of(plan))
    if (line.state == "kept" || line.state == "converted")
      text += fmt::format("{} {}: {}\n", line.state == "kept" ? "kept  " : "became", line.subject,
                          line.what);
  return text;
}

PlanNode node_of(const Step& step) {
  PlanNode node{step.name(), how_of(step), {}, step.out().describe()};
  for (const PlannedStage& s : step.stages)
    node.about.push_back(fmt::format("{}: {}{}{}", s.name, reach_text(s),
                                     s.parameters.empty() ? "" : ", ", s.parameters));
  return node;
}

}  // namespace

PlanGraph graph_of(const Plan& plan) {
  PlanGraph graph;
  graph.nodes.push_back({"decode", {}, {}, plan.source.describe()});
  for (const Step& step : plan.steps) graph.nodes.push_back(node_of(step));
  for (const StreamPlan& s : plan.output.streams) {
    const bool is_video = s.input_stream == plan.input.video;
    if (is_video) graph.nodes.front().how = s.what;
    PlanNode node{is_video ? "encode" : s.what,
                  stream_text(s, plan.output, is_video),
                  {},
                  is_video ? plan.output.container : ""};
    (is_video ? graph.nodes : graph.passthrough).push_back(std::move(node));
  }
  graph.ledger = ledger_of(plan);
  return graph;
}

std::string segments_text(const Plan& plan) {
  constexpr std::size_t most = 8;
  std::string borders;
  for (std::size_t i = 1; i < plan.segments.size() && i <= most; ++i)
    borders += fmt::format(
        " {:.3f}", static_cast<double>(plan.segments[i].begin) * plan.source.time_base.value());
  return fmt::format("cut    into {} of video, at{}{} s, and the other streams\n",
                     counted(std::ssize(plan.segments), "segment"), borders,
                     plan.segments.size() > most + 1 ? " ..." : "");
}

std::string explain(const Plan& plan) {
  const std::int64_t frames = plan.input.expected_frames();
  std::string text =
      fmt::format("input  {}: {}, {:.3f} s, {} expected, {}\n", plan.input.name,
                  plan.input.container, plan.input.duration_seconds,
                  frames > 0 ? counted(frames, "frame") : "an unknown number of frames",
                  counted(plan.input.chapters, "chapter"));
  text += fmt::format("output {}: {}{}\n", plan.output_path, plan.output.container,
                      options_text(plan.output.muxer_options));
  for (const StreamPlan& s : plan.output.streams)
    text += fmt::format("  {}: {}\n", s.what,
                        stream_text(s, plan.output, s.input_stream == plan.input.video));
  text += plan.steps.empty()
              ? "steps  none: every frame goes from the decoder to the encoder as it is\n"
              : "steps\n";
  for (const Step& step : plan.steps) text += step_text(step);
  if (plan.is_cut()) text += segments_text(plan);
  text += fmt::format("run    {} on {} ({}), at most {} in progress, {:.1f} MiB each\n",
                      name_of(plan.mode), counted(plan.resources.cores, "core"), plan.mode_reason,
                      counted(plan.budget.frames, "frame"),
                      static_cast<double>(plan.budget.bytes_per_frame) / (1 << 20));
  return text + list("note  ", plan.notes) + ledger_text(plan) + list("lost  ", plan.losses);
}

}  // namespace quadrant
