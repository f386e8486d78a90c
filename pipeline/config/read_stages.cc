// SPDX-License-Identifier: MIT
// A stage is written in one of three ways:
//   - blur                              all parameters at their defaults
//   - blur: {sigma: 2}                  some given
//   - ffmpeg: "eq=contrast=1.1"         the parameter marked as shorthand
// Common slips in YAML indentation give a legal map that means something else. They are detected
// here, since a message about an unknown stage `sigma` would help nobody.
#include "pipeline/config/read_stages.h"

#include <algorithm>
#include <iterator>

#include "pipeline/config/nearest.h"
#include "pipeline/config/read_value.h"
#include "pipeline/config/utf8.h"
#include "pipeline/contract/stage.h"

namespace quadrant {
namespace {

template <class Named>
std::vector<std::string_view> names_of(const std::vector<Named>& all) {
  std::vector<std::string_view> names;
  std::ranges::transform(all, std::back_inserter(names),
                         [](const Named& each) { return each.name; });
  return names;
}

class StageReader {
 public:
  StageReader(const StageInfo& info, Problems& problems)
      : info_(info), problems_(problems), trial_(info.make()) {}

  StageSpec read(const SourceLocation& name_location, const YamlNode& value) {
    location_ = name_location;
    const auto shorthand = std::ranges::find(info_.params, true, &Param::is_shorthand);
    if (value.is_map()) {
      for (const YamlEntry& entry : value.entries) read_entry(entry);
    } else if (shorthand != info_.params.end() && is_short(value, *shorthand)) {
      read_param(*shorthand, value);
    } else if (!value.is_null()) {
      problems_.add(
          value.location,
          fmt::format("{}: its parameters must be a map, not {}; write {}: {{{}: ...}}", info_.name,
                      described(value), info_.name, fmt::join(names_of(info_.params), ": ..., ")));
      return {&info_, {}, location_};
    }
    return {&info_, in_declared_order(), location_};
  }

 private:
  static bool is_short(const YamlNode& value, const Param& param) {
    return value.is_scalar() || (value.is_list() && param.form == Param::Form::list_of_texts);
  }

  void read_entry(const YamlEntry& entry) {
    const auto param = std::ranges::find(info_.params, entry.key, &Param::name);
    if (param != info_.params.end()) return read_param(*param, entry.value);
    const std::string known = suggestion(entry.key, names_of(info_.params));
    problems_.add(entry.location,
                  fmt::format("{}: unknown key '{}'{}", info_.name, shortened(entry.key), known));
  }

  void read_param(const Param& param, const YamlNode& node) {
    mentioned_.push_back(param.name);
    if (std::optional<Value> value = read_value(node, param, *trial_, info_.name, problems_))
      given_.emplace_back(param.name, std::move(*value));
  }

  std::vector<std::pair<std::string, Value>> in_declared_order() {
    std::vector<std::pair<std::string, Value>> values;
    for (const Param& param : info_.params) {
      const auto found =
          std::ranges::find(given_, param.name, &std::pair<std::string, Value>::first);
      if (found != given_.end()) values.push_back(std::move(*found));
      if (param.must_be_given && std::ranges::find(mentioned_, param.name) == mentioned_.end())
        problems_.add(location_, fmt::format("{}: {} must be given", info_.name, param.name));
    }
    return values;
  }

  const StageInfo& info_;
  Problems& problems_;
  std::unique_ptr<Stage> trial_;
  SourceLocation location_;
  std::vector<std::pair<std::string, Value>> given_;
  std::vector<std::string_view> mentioned_;
};

// `- blur:` with more keys at the same depth: its parameters, or the next stage without a dash.
void refuse_second_key(const YamlNode& item, const StageInfo& info, Problems& problems) {
  const YamlEntry &first = item.entries[0], &second = item.entries[1];
  const bool is_param =
      std::ranges::find(info.params, second.key, &Param::name) != info.params.end();
  problems.add(
      second.location,
      is_param && first.value.is_null()
          ? fmt::format("{}: '{}' must be indented further than '{}'", info.name, second.key,
                        first.key)
          : fmt::format(
                "a stage is one name with its parameters; begin '{}' with a '- ' of its own",
                shortened(second.key)));
}

const StageInfo* known_stage(const std::string& name, const SourceLocation& location,
                             const Catalogue& catalogue, Problems& problems) {
  const StageInfo* info = find_stage(catalogue, name);
  if (!info)
    problems.add(location, fmt::format("unknown stage '{}'{}", shortened(name),
                                       suggestion(name, names_of(catalogue))));
  return info;
}

std::optional<StageSpec> read_stage(const YamlNode& item, const Catalogue& catalogue,
                                    Problems& problems) {
  const bool is_name = item.is_scalar();
  if (!is_name && (!item.is_map() || item.entries.empty())) {
    problems.add(
        item.location,
        fmt::format("a stage must be a name or a map from a name to its parameters, not {}",
                    item.is_map() ? "an empty map" : described(item)));
    return std::nullopt;
  }
  const std::string& name = is_name ? item.text : item.entries[0].key;
  const SourceLocation& location = is_name ? item.location : item.entries[0].location;
  const StageInfo* info = known_stage(name, location, catalogue, problems);
  if (!info) return std::nullopt;
  if (item.entries.size() > 1) {
    refuse_second_key(item, *info, problems);
    return std::nullopt;
  }
  return StageReader(*info, problems).read(location, is_name ? YamlNode{} : item.entries[0].value);
}

}  // namespace

std::vector<StageSpec> read_stages(const YamlNode& list, const Catalogue& catalogue,
                                   Problems& problems) {
  std::vector<StageSpec> stages;
  if (!list.is_list() && !list.is_null())
    problems.add(list.location, "stages must be a list, not " + described(list));
  for (const YamlNode& item : list.items)
    if (std::optional<StageSpec> stage = read_stage(item, catalogue, problems))
      stages.push_back(std::move(*stage));
  return stages;
}

}  // namespace quadrant
