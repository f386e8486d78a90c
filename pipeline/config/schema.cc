// SPDX-License-Identifier: MIT
// The JSON schema of the configuration, for editors: completion, help and error marks while typing.
// Made from the declarations alone. It is a little more lenient than the reader (a schema cannot
// tell 3 from 3.0, nor which YAML words are text).
#include <nlohmann/json.hpp>

#include "pipeline/config/job_spec.h"
#include "pipeline/config/scalars.h"
#include "pipeline/config/section.h"
#include "pipeline/contract/stage.h"

namespace quadrant {
namespace {

using Json = nlohmann::ordered_json;

const Json any_scalar = {"string", "number", "boolean"};  // accepted forms of a text

// A word of digits may be written without quotes, which makes it a number.
Json words_of(const std::vector<std::string>& choices) {
  Json words = Json::array();
  for (const std::string& choice : choices) {
    words.push_back(choice);
    if (const auto number = to_integer(choice)) words.push_back(*number);
  }
  return words;
}

Json number_schema(const Param& param) {
  if (param.step > 1) return {{"enum", param.stepped()}};
  Json schema = {{"type", param.type == Param::Type::real ? "number" : "integer"}};
  const auto limit = [&](const char* name, const std::optional<double>& value) {
    if (!value) return;
    if (param.type == Param::Type::integer)
      schema[name] = static_cast<std::int64_t>(*value);
    else
      schema[name] = *value;
  };
  limit("minimum", param.min);
  limit("maximum", param.max);
  return schema;
}

Json type_schema(const Param& param) {
  if (param.form == Param::Form::map) return {{"type", "object"}};
  if (param.form == Param::Form::list_of_texts)
    return {{"type", "array"}, {"items", {{"type", any_scalar}}}};
  if (param.type == Param::Type::boolean) return {{"type", "boolean"}};
  if (param.type == Param::Type::text)
    return param.choices.empty() ? Json{{"type", any_scalar}}
                                 : Json{{"enum", words_of(param.choices)}};
  Json forms = Json::array({number_schema(param)});
  if (!param.choices.empty()) forms.push_back({{"enum", words_of(param.choices)}});
  if (param.unit_name == "percent")
    forms.push_back({{"type", "string"}, {"pattern", share_pattern}});
  if (param.unit_name == time_unit)
    forms.push_back({{"type", "string"}, {"pattern", time_pattern}});
  if (param.unit_name == "bytes") forms.push_back({{"type", "string"}, {"pattern", size_pattern}});
  return forms.size() == 1 ? forms[0] : Json{{"anyOf", forms}};
}

Json param_schema(const Param& param, const Configurable& defaults) {
  Json schema = {{"description", param.unit_name.empty()
                                     ? std::string(param.help)
                                     : fmt::format("{} ({})", param.help, param.unit_name)}};
  schema.update(type_schema(param));
  if (!param.must_be_given && param.form != Param::Form::scalar)
    schema["default"] = Json::parse(std::get<std::string>(param.get(defaults)));
  else if (!param.must_be_given)
    std::visit([&schema](const auto& value) { schema["default"] = value; }, param.get(defaults));
  return schema;
}

Json texts_schema() {
  const Json text = {{"type", any_scalar}, {"minLength", 1}};
  return {{"anyOf", {text, {{"type", {"array", "null"}}, {"items", text}}}}};
}

// A stage's parameters: a map of them, the value of its shorthand parameter, or nothing.
Json parameters_schema(const StageInfo& info) {
  const std::unique_ptr<Stage> defaults = info.make();
  Json map = {{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  Json forms = Json::array(), required = Json::array();
  for (const Param& param : info.params) {
    map["properties"][std::string(param.name)] = param_schema(param, *defaults);
    if (param.must_be_given) required.push_back(param.name);
    if (param.is_shorthand) forms.push_back(param_schema(param, *defaults));
  }
  if (required.empty())
    map["type"] = {"object", "null"};
  else
    map["required"] = required;
  forms.insert(forms.begin(), map);
  return forms.size() == 1 ? map : Json{{"anyOf", forms}};
}

bool can_be_bare(const StageInfo& info) {
  for (const Param& param : info.params)
    if (param.must_be_given) return false;
  return true;
}

Json stages_schema(const Catalogue& catalogue) {
  Json bare = Json::array(), forms = Json::array();
  for (const StageInfo& info : catalogue) {
    const std::string name(info.name);
    if (can_be_bare(info)) bare.push_back(name);
    forms.push_back({{"type", "object"},
                     {"description", info.summary},
                     {"properties", {{name, parameters_schema(info)}}},
                     {"required", {name}},
                     {"additionalProperties", false}});
  }
  if (!bare.empty())
    forms.push_back(
        {{"description", "a stage with all parameters at their defaults"}, {"enum", bare}});
  Json schema = {{"type", {"array", "null"}}};
  schema["items"] = forms.empty() ? Json(false) : Json{{"oneOf", forms}};
  return schema;
}

Json section_schema(const Section& section, const Catalogue& catalogue);

// An input may be made of inputs, so their map is told once, by name.
Json inputs_schema() {
  const Json map = {{"$ref", "#/$defs/input"}};
  const Json one = {{"anyOf", {{{"type", any_scalar}, {"minLength", 1}}, map}}};
  return {{"anyOf", {one, {{"type", {"array", "null"}}, {"items", one}}}}};
}

Json key_schema(const SectionKey& key, const Catalogue& catalogue) {
  if (key.is_stages) return stages_schema(catalogue);
  if (key.texts) return texts_schema();
  if (key.inputs) return inputs_schema();
  const JobBox defaults;
  if (!key.section) return param_schema(*key.value, defaults);
  Json section = section_schema(*key.section, catalogue);
  if (key.value) return {{"anyOf", {param_schema(*key.value, defaults), section}}};
  section["type"] = {"object", "null"};
  return section;
}

Json section_schema(const Section& section, const Catalogue& catalogue) {
  Json schema = {{"type", "object"}, {"properties", Json::object()}};
  Json required = Json::array();
  for (const SectionKey& key : section.keys) {
    Json& property = schema["properties"][std::string(key.name)];
    property = {{"description", key.help}};
    property.update(key_schema(key, catalogue));
    if (key.value && key.value->must_be_given) required.push_back(key.name);
  }
  if (!required.empty()) schema["required"] = required;
  schema["additionalProperties"] = false;
  if (section.options)
    schema["additionalProperties"] = {{"description", section.options_help}, {"type", any_scalar}};
  return schema;
}

}  // namespace

std::string json_schema(const Catalogue& catalogue) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"$id", "urn:quadrant:job:1"},
                 {"title", "Quadrant job"}};
  schema.update(section_schema(job_section(), catalogue));
  Json input = section_schema(input_section(), catalogue);
  for (const char* name : {"path", "sequence", "concat"})
    input["oneOf"].push_back({{"required", {name}}});
  input["dependentRequired"] = {{"order", {"sequence"}},
                                {"missing", {"sequence"}},
                                {"size", {"format"}},
                                {"pixel_format", {"format"}}};
  schema["$defs"] = {{"input", std::move(input)}};
  return schema.dump(2) + "\n";
}

}  // namespace quadrant
