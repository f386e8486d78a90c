// SPDX-License-Identifier: MIT
// Writes a job as YAML. Texts are always in double quotes: so no text can be read as a number, a
// comment or an alias, and each has only one form.
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "pipeline/config/job_spec.h"
#include "pipeline/config/section.h"
#include "pipeline/config/utf8.h"
#include "pipeline/contract/stage.h"

namespace quadrant {
namespace {

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += {'\\', c};
    else if (is_control(c))
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      result += c;
  }
  return result + "\"";
}

std::string written(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return in_quotes(*text);
  return std::visit([](const auto& plain) { return fmt::format("{}", plain); }, value);
}

// Words, such as keys of the declarations and option names, need no quotes; anything else that a
// file uses as an option's name does.
std::string as_key(const std::string& name) {
  const auto is_plain = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  const bool plain = !name.empty() && std::ranges::all_of(name, is_plain);
  return plain && name != "null" ? name : in_quotes(name);
}

// Of a list of inputs.
std::string as_entry(const InputSpec& input) {
  return input.taken == Selection{} ? in_quotes(input.name) : to_text(input);
}

class Writer {
 public:
  explicit Writer(const JobSpec& job) { box_.job = job; }

  std::string write() {
    write_section(job_section(), 0);
    return std::move(text_);
  }

 private:
  void line(int depth, std::string_view text) {
    text_.append(static_cast<std::size_t>(2 * depth), ' ').append(text).append("\n");
  }

  void write_section(const Section& section, int depth) {
    for (const SectionKey& key : section.keys) write_key(key, depth);
    if (!section.options) return;
    for (const LibavOption& option : section.options(box_.job))
      line(depth, as_key(option.name) + ": " + in_quotes(option.value));
  }

  void write_key(const SectionKey& key, int depth) {
    if (key.is_stages) return write_stages();
    if (key.inputs) return write_inputs();
    if (key.texts) return write_texts(key, depth);
    if (key.value && key.value->get(box_) != Value(std::string())) {
      write_value(*key.value, box_, defaults_, depth);
    } else if (key.section) {
      const std::size_t before = text_.size();
      line(depth, fmt::format("{}:", key.name));
      const std::size_t after = text_.size();
      write_section(*key.section, depth + 1);
      if (text_.size() == after) text_.resize(before);  // everything in it is at its default
    }
  }

  void write_value(const Param& param, const Configurable& owner, const Configurable& defaults,
                   int depth) {
    const Value value = param.get(owner);
    if (param.must_be_given || value != param.get(defaults))
      line(depth, fmt::format("{}: {}", param.name,
                              param.form == Param::Form::scalar
                                  ? written(value)
                                  : std::get<std::string>(value)));  // JSON is YAML
  }

  void write_texts(const SectionKey& key, int depth) {
    if (key.texts(box_.job).empty()) return;
    line(depth, fmt::format("{}:", key.name));
    for (const std::string& text : key.texts(box_.job)) line(depth + 1, "- " + in_quotes(text));
  }

  void write_inputs() {
    if (box_.job.inputs.empty()) return;
    line(0, "input:");
    for (const InputSpec& input : box_.job.inputs) line(1, "- " + as_entry(input));
  }

  void write_stages() {
    if (box_.job.stages.empty()) return;
    line(0, "stages:");
    for (const StageSpec& spec : box_.job.stages) {
      const std::unique_ptr<Stage> stage = spec.make(), defaults = spec.info->make();
      line(1, fmt::format("- {}:", spec.info->name));
      for (const Param& param : spec.info->params) write_value(param, *stage, *defaults, 3);
    }
  }

  JobBox box_;
  const JobBox defaults_;
  std::string text_;
};

}  // namespace

std::string to_text(const InputSpec& input) {
  if (input.taken == Selection{}) return input.name;
  JobBox box;
  const JobBox defaults;
  box.job.inputs = {input};
  std::vector<std::string> entries;
  for (const SectionKey& key : input_section().keys) {
    if (key.texts) {
      std::vector<std::string> quoted;
      std::ranges::transform(key.texts(box.job), std::back_inserter(quoted), in_quotes);
      if (!quoted.empty())
        entries.push_back(fmt::format("{}: [{}]", key.name, fmt::join(quoted, ", ")));
    } else if (key.inputs) {
      std::vector<std::string> parts;
      std::ranges::transform(key.inputs(box.job), std::back_inserter(parts), as_entry);
      if (!parts.empty())
        entries.push_back(fmt::format("{}: [{}]", key.name, fmt::join(parts, ", ")));
    } else if (const Value value = key.value->get(box); value != key.value->get(defaults)) {
      entries.push_back(fmt::format("{}: {}", key.name, written(value)));
    }
  }
  return fmt::format("{{{}}}", fmt::join(entries, ", "));
}

std::string to_yaml(const JobSpec& job) { return Writer(job).write(); }

}  // namespace quadrant
