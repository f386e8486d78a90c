// SPDX-License-Identifier: MIT
// quadrant stages: prints the catalogue from the declarations.
#include "stages/stages.h"

#include <fmt/ranges.h>

#include <array>
#include <iostream>

#include "pipeline/config/nearest.h"
#include "tools/command.h"

namespace quadrant {
namespace {

std::string value_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->empty() ? "none" : *text;
  return std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
}

std::string type_text(const Param& p) {
  if (p.form == Param::Form::map) return "map";
  if (p.form == Param::Form::list_of_texts) return "list of texts";
  constexpr std::array names = {"true|false", "integer", "number", "text"};
  std::string text = names[static_cast<std::size_t>(p.type)];
  if (!p.choices.empty()) {
    const std::string words = fmt::format("{}", fmt::join(p.choices, "|"));
    if (p.type == Param::Type::text) return words;
    text = words + "|" + text;
  }
  if (p.min && p.max) text += fmt::format(" {:g} to {:g}", *p.min, *p.max);
  if (p.step > 1) text += fmt::format(" by {}", p.step);
  if (!p.unit_name.empty()) text += fmt::format(" ({})", p.unit_name);
  return text;
}

void print_stage(const StageInfo& s) {
  const std::unique_ptr<Stage> stage = s.make();
  std::cout << fmt::format("{}: {}\n  kind: {}\n  takes: {}\n", s.name, s.summary, s.kind,
                           s.accepts == Accepts::planar
                               ? "gray and planar YUV of 8 to 16 bits; others are converted"
                               : "any pixel format");
  for (const Param& p : s.params)
    std::cout << fmt::format("  {:<12} {:<28} {}{}{}\n", p.name, type_text(p),
                             p.must_be_given ? "required" : "default " + value_text(p.get(*stage)),
                             p.is_shorthand ? fmt::format("; `{}: VALUE` for short", s.name) : "",
                             fmt::format("\n  {:12} {}", "", p.help));
}

std::vector<std::string_view> stage_names() {
  std::vector<std::string_view> names;
  for (const StageInfo& stage : all_stages()) names.push_back(stage.name);
  return names;
}

int print_one(const std::string& name) {
  if (const StageInfo* found = find_stage(all_stages(), name)) {
    print_stage(*found);
    return all_done;
  }
  std::cerr << "quadrant: there is no stage " << name << suggestion(name, stage_names()) << '\n';
  return wrong_usage;
}

int print_all() {
  for (const StageInfo& s : all_stages())
    std::cout << fmt::format("{:<18} {:<14} {}\n", s.name, s.kind, s.summary);
  return all_done;
}

}  // namespace

Command stages_command() {
  auto name = std::make_shared<std::string>();
  const std::vector<std::string_view> names = stage_names();
  return {"stages",
          "list the stages, or describe one",
          {{.names = "NAME",
            .value = name.get(),
            .help = "a stage's name",
            .suggestions = {names.begin(), names.end()}}},
          [name] { return name->empty() ? print_all() : print_one(*name); }};
}

}  // namespace quadrant
