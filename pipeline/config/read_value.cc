// SPDX-License-Identifier: MIT
#include "pipeline/config/read_value.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/config/job_spec.h"
#include "pipeline/config/nearest.h"
#include "pipeline/config/scalars.h"
#include "pipeline/config/utf8.h"

namespace quadrant {
namespace {

bool is_bytes(const Param& param) { return param.unit_name == "bytes"; }
bool is_time(const Param& param) { return param.unit_name == time_unit; }
bool is_share(const Param& param) { return param.unit_name == "percent"; }

// "an integer", with the words that are also allowed: "auto or an integer".
std::string expected(const Param& param) {
  std::vector<std::string> forms = param.choices;
  if (param.type == Param::Type::boolean) forms.insert(forms.end(), {"true", "false"});
  if (param.type == Param::Type::integer)
    forms.emplace_back(is_bytes(param) ? "a size such as 512M" : "an integer");
  if (param.type == Param::Type::real)
    forms.emplace_back(is_share(param)  ? "a share such as 1%"
                       : is_time(param) ? "seconds or a time such as 1:30.5"
                                        : "a number");
  if (param.type == Param::Type::text && forms.empty()) forms.emplace_back("text");
  return any_of(forms);
}

constexpr std::size_t few_values = 5;  // the most that a message lists one by one

std::string expected_range(const Param& param) {
  std::vector<std::string> forms = param.choices;
  if (param.step > 1) {
    const std::vector<std::int64_t> values = param.stepped();
    if (values.size() > few_values)
      return fmt::format("between {} and {} in steps of {}", *param.min, *param.max, param.step);
    for (std::int64_t value : values) forms.push_back(std::to_string(value));
    return any_of(forms);
  }
  if (param.min && param.max && *param.min == *param.max)
    forms.push_back(fmt::format("{}", *param.min));
  else if (param.min && param.max)
    forms.push_back(fmt::format("between {} and {}", *param.min, *param.max));
  else if (param.min)
    forms.push_back(fmt::format("at least {}", *param.min));
  else
    forms.push_back(fmt::format("at most {}", *param.max));
  return any_of(forms);
}

bool in_range(const Param& param, const Value& value) {
  double number = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    if (param.step > 1) return std::ranges::count(param.stepped(), *integer) > 0;
    number = static_cast<double>(*integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    number = *real;
  } else {
    return true;
  }
  return (!param.min || number >= *param.min) && (!param.max || number <= *param.max);
}

template <class T>
std::optional<Value> as_value(const std::optional<T>& value) {
  return value ? std::optional<Value>(*value) : std::nullopt;
}

std::optional<Value> converted(const Param& param, std::string_view text, bool is_bare) {
  if (std::ranges::find(param.choices, text) != param.choices.end()) return std::string(text);
  if (param.type == Param::Type::text)
    return param.choices.empty() ? std::optional<Value>(std::string(text)) : std::nullopt;
  if (param.type == Param::Type::integer && is_bytes(param)) return as_value(to_size(text));
  if (is_time(param) && text.find(':') != std::string_view::npos) return as_value(to_seconds(text));
  if (!is_bare) return std::nullopt;
  if (is_share(param) && text.ends_with('%')) text.remove_suffix(1);
  if (param.type == Param::Type::boolean) return as_value(to_boolean(text));
  if (param.type == Param::Type::integer) return as_value(to_integer(text));
  return as_value(to_real(text));
}

// Why a scalar cannot be converted.
std::string mismatch(const Param& param, const YamlNode& node) {
  std::string text = fmt::format("must be {}, not {}", expected(param), described(node));
  if (!node.is_bare && converted(param, node.text, true)) return text + ": leave out the quotes";
  const bool is_whole = node.text.find_first_of(".eE") == std::string::npos;
  const bool is_numeric =
      param.type == Param::Type::integer ? is_whole : param.type == Param::Type::real;
  if (is_numeric && node.is_bare && is_number(node.text))
    return fmt::format("is out of range: {}", described(node));
  const std::vector<std::string_view> words(param.choices.begin(), param.choices.end());
  if (!nearest(node.text, words).empty()) text += suggestion(node.text, words);
  return text;
}

// Bare words mean what they mean everywhere else in a configuration (scalars.h).
nlohmann::json json_of_scalar(const YamlNode& node) {
  if (node.is_bare) {
    if (const auto value = to_boolean(node.text)) return *value;
    if (const auto value = to_integer(node.text)) return *value;
    if (const auto value = to_real(node.text)) return *value;
  }
  return node.text;
}

nlohmann::json json_of(const YamlNode& node) {
  nlohmann::json all;
  if (node.is_scalar()) return json_of_scalar(node);
  if (node.is_map()) all = nlohmann::json::object();
  if (node.is_list()) all = nlohmann::json::array();
  for (const YamlEntry& entry : node.entries) all[entry.key] = json_of(entry.value);
  for (const YamlNode& item : node.items) all.push_back(json_of(item));
  return all;
}

// Bytes. The canonical job has a key in one line, which the parser reads up to 1,024 characters,
// and six may stand for one.
constexpr std::size_t longest_key = 160;

const YamlEntry* too_long_key(const YamlNode& node) {
  for (const YamlEntry& entry : node.entries) {
    if (entry.key.size() > longest_key) return &entry;
    if (const YamlEntry* found = too_long_key(entry.value)) return found;
  }
  for (const YamlNode& item : node.items)
    if (const YamlEntry* found = too_long_key(item)) return found;
  return nullptr;
}

// Why a node does not have the form that the parameter wants; empty if it does.
std::string misformed(const YamlNode& node, const Param& param) {
  const bool wants_map = param.form == Param::Form::map;
  if (!(wants_map ? node.is_map() : node.is_list()))
    return fmt::format("must be {}, not {}", wants_map ? "a map" : "a list of texts",
                       described(node));
  if (const YamlEntry* key = too_long_key(node))
    return fmt::format("has a key of {} bytes, '{}'; at most {} are allowed", key->key.size(),
                       shortened(key->key), longest_key);
  if (!wants_map)
    for (const YamlNode& item : node.items)
      if (!item.is_scalar())
        return fmt::format("must be a list of texts, but it has {}", described(item));
  if (!wants_map && node.items.empty() && param.must_be_given) return "must not be empty";
  return "";
}

std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string text_of(const YamlNode& node, const Param& param) {
  if (param.form == Param::Form::map) return json_text(json_of(node));
  nlohmann::json words = nlohmann::json::array();
  for (const YamlNode& item : node.items) words.push_back(item.text);
  return json_text(words);
}

// A member may be narrower than the value: checks that the member holds the value.
bool is_kept(const Param& param, Configurable& target, const Value& value) {
  param.set(target, value);
  return param.get(target) == value;
}

}  // namespace

std::optional<Value> read_value(const YamlNode& node, const Param& param, Configurable& target,
                                std::string_view subject, Problems& problems) {
  const auto refuse = [&](const std::string& why) {
    problems.add(node.location, labelled(subject, param.name) + " " + why);
    return std::nullopt;
  };
  if (node.is_null()) return refuse("needs a value");
  if (param.form != Param::Form::scalar) {
    if (const std::string why = misformed(node, param); !why.empty()) return refuse(why);
    const Value value = text_of(node, param);
    param.set(target, value);
    return value;
  }
  if (!node.is_scalar())
    return refuse(fmt::format("must be {}, not {}", expected(param), described(node)));
  const std::optional<Value> value = converted(param, node.text, node.is_bare);
  if (!value) return refuse(mismatch(param, node));
  if (!in_range(param, *value))
    return refuse(fmt::format("must be {}, not {}", expected_range(param), described(node)));
  if (!is_kept(param, target, *value)) return refuse("is out of range: " + described(node));
  return value;
}

std::string labelled(std::string_view subject, std::string_view name) {
  return subject.empty() ? std::string(name) : fmt::format("{}: {}", subject, name);
}

std::string any_of(const std::vector<std::string>& words) {
  if (words.size() < 2) return fmt::format("{}", fmt::join(words, ""));
  return fmt::format("{} or {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
}

}  // namespace quadrant
