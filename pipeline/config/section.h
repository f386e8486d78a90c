// SPDX-License-Identifier: MIT
// The configuration's sections, declared once. Reading, canonical output and the JSON schema are
// three walks over this one table, so a key cannot be known to one of them and not to another.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config/job_spec.h"
#include "pipeline/contract/param.h"

namespace quadrant {

// The job that the sections' parameters get from and set into.
struct JobBox final : Configurable {
  JobSpec job;
};

struct Section;

// Where in a job something is kept.
template <class T>
using In = std::function<T&(JobSpec&)>;

// One key of a section. What may stand there: a value, a section, either of the two (audio), a text
// or a list of texts (input, run.sbatch), or the stages.
//
// A number may have words beside it (`cores: all`): these are its `choices`. A number of bytes may
// be written as a size (`512M`): its unit says so. Where a key has both a value and a section,
// value.get() gives an empty text while the section is in use.
struct SectionKey {
  std::string_view name, help;
  std::optional<Param> value = {};
  std::shared_ptr<const Section> section = {};
  In<std::vector<std::string>> texts = {};
  bool is_stages = false;
  In<SourceLocation> location = {};  // where to keep the place, if the plan may want it
};

struct Section {
  std::vector<SectionKey> keys = {};
  // Any other key is an option by libav's own name, checked by the plan; null: there is no other.
  In<std::vector<LibavOption>> options = {};
  std::string_view options_help = {};
};

const Section& job_section();  // the whole configuration

const SectionKey* find_key(const Section& section, std::string_view name);

}  // namespace quadrant
