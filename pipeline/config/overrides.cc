// SPDX-License-Identifier: MIT
// --set works on the tree before any check: whatever it writes has its location in the --set's own
// text, so the checks for the file also find and show unknown keys and wrong values here. Only
// errors in the path itself remain to be found here: indices of lists, and stages written in a
// short form.
#include "pipeline/config/overrides.h"

#include <algorithm>
#include <span>

#include "pipeline/config/nearest.h"
#include "pipeline/config/scalars.h"
#include "pipeline/config/section.h"
#include "pipeline/config/utf8.h"
#include "pipeline/contract/stage.h"

namespace quadrant {
namespace {

struct KeyStep {
  std::string name;
  std::string before;  // "run.mode" for the step `fast` of run.mode.fast
  SourceLocation location;
  bool is_last;
};

// What the user typed: KEY=VALUE, or the value of an option such as --mode.
std::shared_ptr<const Source> source_of(const Override& given) {
  return given.option.empty() ? make_source("--set", given.key + "=" + given.value)
                              : make_source(given.option, given.value);
}

std::vector<KeyStep> steps_of(const Override& given, const std::shared_ptr<const Source>& source) {
  const std::string& key = given.key;
  std::vector<KeyStep> steps;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('.', begin), key.size());
    const int column = given.option.empty() ? static_cast<int>(begin) + 1 : 1;
    steps.push_back({key.substr(begin, end - begin),
                     key.substr(0, begin > 0 ? begin - 1 : 0),
                     {source, 1, column},
                     end == key.size()});
    if (end == begin) steps.back().location.fail("a key is missing; write --set KEY=VALUE");
    begin = end + 1;
  }
  return steps;
}

bool is_flow(std::string_view text) {
  return (text.starts_with('{') && text.ends_with('}')) ||
         (text.starts_with('[') && text.ends_with(']'));
}

// The value as YAML. Paths and filters often start with a character that is special in YAML
// ({stem}.mp4, *.mp4): what is not YAML is taken as plain text, for later checks to judge.
YamlNode value_of(const Override& given, const std::shared_ptr<const Source>& source) {
  const std::size_t begin = given.option.empty() ? given.key.size() + 1 : 0;
  const SourceLocation location{source, 1, static_cast<int>(begin) + 1};
  try {
    YamlNode value = read_yaml(source, begin);
    if (value.is_null()) value.location = location;
    return value;
  } catch (const Error&) {
    if (is_flow(given.value)) throw;
    return {.kind = YamlNode::Kind::scalar, .location = location, .text = given.value};
  }
}

void become_map(YamlNode& node, const SourceLocation& location) {
  node = {.kind = YamlNode::Kind::map, .location = location};
}

// Only an empty node, or one that may be a value or a section (audio), is replaced by a map: an
// override must not hide an error in the file.
YamlNode& member(YamlNode& node, const KeyStep& step, const SectionKey* owner) {
  if (node.is_null() || (node.is_scalar() && owner && owner->value && owner->section))
    become_map(node, step.location);
  if (!node.is_map())
    step.location.fail(fmt::format("{} is {} and cannot hold '{}'", step.before, described(node),
                                   shortened(step.name)));
  YamlEntry* entry = node.find(step.name);
  if (!entry) entry = &node.entries.emplace_back(YamlEntry{step.name, step.location, {}});
  if (step.is_last) entry->location = step.location;
  return entry->value;
}

// Only the job's own keys are lists: `stages`, and `input`, whose single entry is a list of one.
YamlNode& item(YamlNode& list, const KeyStep& key, const KeyStep& step) {
  if (list.is_scalar() || list.is_map()) {
    YamlNode only = std::move(list);
    list = {.kind = YamlNode::Kind::list, .location = only.location};
    list.items.push_back(std::move(only));
  }
  const std::optional<std::int64_t> index = to_integer(step.name);
  if (!index || *index < 0)
    step.location.fail(fmt::format("{} is a list; its entries are numbered from 0, not '{}'",
                                   key.name, shortened(step.name)));
  const std::int64_t count = static_cast<std::int64_t>(list.items.size());
  if (*index >= count)
    step.location.fail(fmt::format("there is no {}.{}: {}", key.name, *index,
                                   count == 0
                                       ? key.name + " is empty"
                                       : fmt::format("the last is {}.{}", key.name, count - 1)));
  return list.items[static_cast<std::size_t>(*index)];
}

// The parameters of an entry of `stages`; first turns `- blur` into `- blur: {}`.
YamlNode& stage_parameters(YamlNode& stage, const std::string& path, const KeyStep& step) {
  if (stage.is_scalar()) {
    YamlEntry entry{stage.text, stage.location, {}};
    become_map(stage, stage.location);
    stage.entries.push_back(std::move(entry));
  }
  if (!stage.is_map() || stage.entries.empty()) step.location.fail(path + " is no stage");
  const std::string& name = stage.entries[0].key;
  if (name != step.name) {
    const std::string_view names[] = {name};
    step.location.fail(
        fmt::format("{} is '{}', not '{}'{}", path, shortened(name), shortened(step.name),
                    nearest(step.name, names).empty() ? "" : suggestion(step.name, names)));
  }
  return stage.entries[0].value;
}

// Turns `- ffmpeg: "..."` into `- ffmpeg: {filter: "..."}`, so that a parameter can be added.
void spell_out(YamlNode& parameters, const std::string& stage, const Catalogue& catalogue) {
  const StageInfo* info = find_stage(catalogue, stage);
  if (!(parameters.is_scalar() || parameters.is_list()) || !info) return;
  const auto param = std::ranges::find(info->params, true, &Param::is_shorthand);
  if (param == info->params.end()) return;
  if (parameters.is_list() && param->form != Param::Form::list_of_texts) return;
  YamlNode value = std::move(parameters);
  become_map(parameters, value.location);
  const SourceLocation location = value.location;
  parameters.entries.push_back({std::string(param->name), location, std::move(value)});
}

YamlNode& follow_sections(YamlNode& root, std::span<const KeyStep> steps) {
  YamlNode* node = &root;
  const Section* section = &job_section();
  const SectionKey* key = nullptr;
  for (const KeyStep& step : steps) {
    node = &member(*node, step, key);
    key = section ? find_key(*section, step.name) : nullptr;
    section = key ? key->section.get() : nullptr;
  }
  return *node;
}

YamlNode& follow_stages(YamlNode& stages, std::span<const KeyStep> steps,
                        const Catalogue& catalogue) {
  YamlNode* node = &item(stages, steps[0], steps[1]);
  if (steps.size() > 2) node = &stage_parameters(*node, "stages." + steps[1].name, steps[2]);
  if (steps.size() > 3) spell_out(*node, steps[2].name, catalogue);
  for (std::size_t i = 3; i < steps.size(); ++i) node = &member(*node, steps[i], nullptr);
  return *node;
}

// `- a.mp4` becomes `- {path: a.mp4}`, so that a key can be added.
YamlNode& follow_inputs(YamlNode& inputs, std::span<const KeyStep> steps) {
  YamlNode* node = &item(inputs, steps[0], steps[1]);
  const auto spell_out_path = [&] {
    YamlNode path = std::move(*node);
    become_map(*node, path.location);
    const SourceLocation location = path.location;
    node->entries.push_back({"path", location, std::move(path)});
  };
  for (std::size_t i = 2; i < steps.size(); ++i) {
    const bool is_of_list = node->is_list();  // the parts of a joined input
    if (!is_of_list && node->is_scalar()) spell_out_path();
    node = is_of_list ? &item(*node, steps[i - 1], steps[i]) : &member(*node, steps[i], nullptr);
  }
  return *node;
}

YamlNode& follow(YamlNode& root, std::span<const KeyStep> steps, const Catalogue& catalogue) {
  const SectionKey* key = find_key(job_section(), steps[0].name);
  if (!key || steps.size() == 1) return follow_sections(root, steps);
  if (key->is_stages) return follow_stages(member(root, steps[0], nullptr), steps, catalogue);
  if (key->inputs) return follow_inputs(member(root, steps[0], nullptr), steps);
  if (key->texts && steps.size() == 2)
    return item(member(root, steps[0], nullptr), steps[0], steps[1]);
  return follow_sections(root, steps);
}

}  // namespace

void apply_override(YamlNode& root, const Override& given, const Catalogue& catalogue) {
  const std::shared_ptr<const Source> source = source_of(given);
  const std::vector<KeyStep> steps = steps_of(given, source);
  YamlNode value = value_of(given, source);
  follow(root, steps, catalogue) = std::move(value);
}

}  // namespace quadrant
