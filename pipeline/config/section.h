// SPDX-License-Identifier: MIT
// The configuration's sections, declared once. Reading, canonical output and the JSON schema all
// walk this one table, so none of them can miss a key that another knows.
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

// The job that the sections' parameters read and set.
struct JobBox final : Configurable {
  JobSpec job;
};

struct Section;

// Where in a job something is stored.
template <class T>
using In = std::function<T&(JobSpec&)>;

// One key of a section. It holds a value, a section, either of the two (audio), a text or a list of
// texts (run.sbatch), the stages, or inputs: a list of texts and of sections, or one of them.
//
// A number may also be a word (`cores: all`): the words are its `choices`. A number of bytes may be
// written as a size (`512M`): its unit shows that. Where a key may be a value or a section,
// value.get() returns an empty text while the section is in use.
struct SectionKey {
  std::string_view name, help;
  std::optional<Param> value = {};
  std::shared_ptr<const Section> section = {};
  In<std::vector<std::string>> texts = {};
  bool is_stages = false;
  In<std::vector<InputSpec>> inputs = {};
  In<SourceLocation> location = {};  // where to store the location, if the plan needs it
};

struct Section {
  std::vector<SectionKey> keys = {};
  // Any other key is an option with libav's name, checked by the plan; null: there are no others.
  In<std::vector<LibavOption>> options = {};
  std::string_view options_help = {};
};

const Section& job_section();  // the whole configuration
// Of one input, the last of the job's: its keys need one there to be set.
const Section& input_section();

const SectionKey* find_key(const Section& section, std::string_view name);

}  // namespace quadrant
