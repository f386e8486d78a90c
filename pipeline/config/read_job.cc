// SPDX-License-Identifier: MIT
// From text to a checked job: makes the text safe to read, builds the tree, applies the overrides,
// then walks the tree along the declared sections. Only that last step knows what a key means.
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "pipeline/config/check_input.h"
#include "pipeline/config/job_spec.h"
#include "pipeline/config/nearest.h"
#include "pipeline/config/overrides.h"
#include "pipeline/config/problems.h"
#include "pipeline/config/read_stages.h"
#include "pipeline/config/read_value.h"
#include "pipeline/config/read_yaml.h"
#include "pipeline/config/section.h"
#include "pipeline/config/utf8.h"
#include "pipeline/contract/stage.h"

namespace quadrant {
namespace {

class JobReader {
 public:
  explicit JobReader(const Catalogue& catalogue) : catalogue_(catalogue) {}

  InputSpec read_one_input(const YamlNode& node) {
    read_input(node);
    problems_.throw_if_any();
    return std::move(box_.job.inputs.back());
  }

  JobSpec read(const YamlNode& root) {
    read_section(root, job_section(), "");
    settle_sound();
    problems_.throw_if_any();
    return std::move(box_.job);
  }

 private:
  // At another speed sound has to be encoded; who asked for nothing gets that.
  void settle_sound() {
    AudioSpec& audio = box_.job.output.audio;
    if (box_.job.speed == 1 || audio.kind != AudioSpec::Kind::copy) return;
    if (audio.location.source)
      problems_.add(audio.location,
                    "output.audio: copied sound cannot play at another speed; take auto, or an "
                    "encoder such as {codec: aac}");
    audio.kind = AudioSpec::Kind::automatic;
  }

  // `path` is the section's name in messages: "output.video", "" for the whole job.
  void read_section(const YamlNode& node, const Section& section, const std::string& path) {
    for (const YamlEntry& entry : node.entries) {
      if (const SectionKey* key = find_key(section, entry.key))
        read_key(entry, *key, path);
      else if (section.options)
        read_option(entry, section.options(box_.job), path);
      else
        refuse_key(entry, section, path);
    }
    for (const SectionKey& key : section.keys)
      if (key.value && key.value->must_be_given && !has(node, key.name))
        problems_.add(node.location, labelled(path, key.name) + " must be given");
    if (section.options) std::ranges::sort(section.options(box_.job), {}, &LibavOption::name);
  }

  // A codec's name alone is what most people write first.
  static std::string codec_hint(const SectionKey& key, const YamlNode& node) {
    if (!node.is_scalar() || !key.section || !find_key(*key.section, "codec")) return "";
    return fmt::format("; write {}: {{codec: {}}}", key.name, node.text);
  }

  void read_key(const YamlEntry& entry, const SectionKey& key, const std::string& path) {
    const YamlNode& node = entry.value;
    if (key.location) key.location(box_.job) = node.is_scalar() ? node.location : entry.location;
    if (key.is_stages)
      box_.job.stages = read_stages(node, catalogue_, problems_);
    else if (key.inputs && &key.inputs(box_.job) != &box_.job.inputs)
      read_joined(node);
    else if (key.inputs)
      read_inputs(node);
    else if (key.texts)
      read_texts(node, key);
    else if (key.section && (node.is_map() || (node.is_null() && !key.value)))
      read_section(node, *key.section, path.empty() ? entry.key : path + "." + entry.key);
    else if (key.value)
      read_section_value(node, key, path);
    else
      problems_.add(node.location,
                    fmt::format("{} must be a map, not {}{}", labelled(path, key.name),
                                described(node), codec_hint(key, node)));
  }

  void read_section_value(const YamlNode& node, const SectionKey& key, const std::string& path) {
    if (key.section && !node.is_null() && !is_choice(*key.value, node))
      problems_.add(
          node.location,
          fmt::format("{} must be {} or a map, not {}{}", labelled(path, key.name),
                      fmt::join(key.value->choices, ", "), described(node), codec_hint(key, node)));
    else if (node.is_scalar() && node.text.empty() && key.value->choices.empty())
      problems_.add(node.location, labelled(path, key.name) + " must not be empty");
    else
      read_value(node, *key.value, box_, path, problems_);
  }

  void read_inputs(const YamlNode& node) {
    if (node.is_list())
      for (const YamlNode& item : node.items) read_input(item);
    else if (!node.is_null())
      read_input(node);
  }

  void read_input(const YamlNode& node) {
    std::vector<InputSpec>& inputs = box_.job.inputs;
    if (node.is_scalar() && !node.text.empty()) {
      inputs.emplace_back(node.text);
    } else if (node.is_map()) {
      inputs.emplace_back();
      read_section(node, input_section(), "input");
      check_input(node, inputs.back().taken, problems_);
    } else {
      problems_.add(node.location,
                    fmt::format("input must be text, a map, or a list of them, not {}",
                                node.is_list() ? "a list in a list" : described(node)));
    }
  }

  // The parts of the input that is being read, which is called after the first of them.
  void read_joined(const YamlNode& node) {
    std::vector<InputSpec> others = std::exchange(box_.job.inputs, {});
    read_inputs(node);
    std::vector<InputSpec> parts = std::exchange(box_.job.inputs, std::move(others));
    if (parts.empty())
      problems_.add(node.location, "input: concat must name the inputs to join");
    else if (std::ranges::any_of(parts, [](const auto& p) { return !p.taken.joined.empty(); }))
      problems_.add(node.location, "input: a part of concat cannot be a concat itself");
    else
      box_.job.inputs.back().name = parts.front().name;
    box_.job.inputs.back().taken.joined = std::move(parts);
  }

  void read_texts(const YamlNode& node, const SectionKey& key) {
    if (node.is_list())
      for (const YamlNode& item : node.items) read_text(item, key);
    else if (!node.is_null())
      read_text(node, key);
  }

  void read_text(const YamlNode& node, const SectionKey& key) {
    if (!node.is_scalar() || node.text.empty())
      problems_.add(node.location,
                    fmt::format("{} must be text or a list of texts, not {}", key.name,
                                node.is_list() ? "a list in a list" : described(node)));
    else
      key.texts(box_.job).push_back(node.text);
  }

  void read_option(const YamlEntry& entry, std::vector<LibavOption>& options,
                   const std::string& path) {
    if (entry.value.is_scalar())
      options.push_back({entry.key, entry.value.text, entry.location});
    else if (entry.value.is_null())
      problems_.add(entry.location, labelled(path, shortened(entry.key)) + " needs a value");
    else
      problems_.add(entry.value.location,
                    fmt::format("{} must be a single value, not {}",
                                labelled(path, shortened(entry.key)), described(entry.value)));
  }

  void refuse_key(const YamlEntry& entry, const Section& section, const std::string& path) {
    std::vector<std::string_view> names;
    for (const SectionKey& key : section.keys) names.push_back(key.name);
    problems_.add(entry.location,
                  fmt::format("{}{}unknown key '{}'{}", path, path.empty() ? "" : ": ",
                              shortened(entry.key), suggestion(entry.key, names)));
  }

  static bool has(const YamlNode& node, std::string_view name) {
    return std::ranges::find(node.entries, name, &YamlEntry::key) != node.entries.end();
  }
  static bool is_choice(const Param& param, const YamlNode& node) {
    return std::ranges::find(param.choices, node.text) != param.choices.end();
  }

  const Catalogue& catalogue_;
  Problems problems_;
  JobBox box_;
};

std::string contents_of(const std::string& path) {
  constexpr std::size_t block = 1 << 16,
                        enough = (1 << 20) + block;  // make_source() refuses that
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  std::string text;
  std::size_t got = 0;
  do {
    if (!file) break;
    text.resize(text.size() + block);
    got = std::fread(text.data() + text.size() - block, 1, block, file.get());
    text.resize(text.size() - block + got);
  } while (got == block && text.size() < enough);
  if (!file || std::ferror(file.get()))
    fail(Fault::usage, "{}: cannot be read: {}", path, std::generic_category().message(errno));
  return text;
}

// A video file instead of the job: the most likely slip on the command line.
void refuse_media(const std::string& path, const std::string& text) {
  const bool is_utf16 = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
  std::error_code ignored;
  if (is_utf16 || text.find('\0') == std::string::npos ||
      !std::filesystem::is_regular_file(path, ignored))
    return;
  fail(Fault::usage,
       "{}: is a video or another binary file, not a job; the job comes first: quadrant run JOB {}",
       path, path);
}

}  // namespace

JobSpec read_job(const std::string& name, const std::string& yaml, const Catalogue& catalogue,
                 const std::vector<Override>& overrides) {
  const std::shared_ptr<const Source> source = make_source(name, yaml);
  YamlNode root = read_yaml(source);
  if (root.is_null())
    SourceLocation{source, 1, 1}.fail("the configuration is empty; it begins with 'version: 1'");
  if (!root.is_map()) root.location.fail("a configuration must be a map, not " + described(root));
  for (const Override& each : overrides) apply_override(root, each, catalogue);
  JobSpec job = JobReader(catalogue).read(root);
  job.text = {name, yaml, overrides};
  job.turning = {find_stage(catalogue, "flip"), find_stage(catalogue, "rotate")};
  return job;
}

InputSpec read_input(const std::string& text) {
  std::error_code ignored;
  const bool is_map = text.starts_with('{') && text.ends_with('}');
  if (!is_map || std::filesystem::exists(text, ignored)) return text;
  return JobReader({}).read_one_input(read_yaml(make_source("INPUT", text)));
}

JobSpec read_job_file(const std::string& path, const Catalogue& catalogue,
                      const std::vector<Override>& overrides) {
  std::string text = contents_of(path);
  refuse_media(path, text);
  return read_job(path, text, catalogue, overrides);
}

}  // namespace quadrant
