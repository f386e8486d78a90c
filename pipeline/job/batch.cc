// SPDX-License-Identifier: MIT
#include "pipeline/job/batch.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "pipeline/counted.h"
#include "pipeline/execute/budget.h"
#include "pipeline/job/names.h"
#include "pipeline/job/output.h"
#include "pipeline/job/run_job.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/standard_output.h"
#include "pipeline/store/identity.h"
#include "pipeline/store/input_files.h"
#include "pipeline/store/left_overs.h"

namespace quadrant {
namespace {

// Other machines must be able to check that they read the same input.
void check_readable_elsewhere(const InputSpec& input) {
  const std::string& name = input.name;
  const bool is_url = name == "-" || name.find("://") != std::string::npos;
  if (content_of(input).empty() && (is_there(name) || is_url))
    fail(Fault::input,
         "{}: cannot be planned: another machine could not tell that it reads the same; copy it to "
         "a file",
         name);
}

Resources resources_of(const BatchOptions& options) {
  const int cores = options.cores > 0 ? options.cores : available_cores();
  return {runs_on_one_core(options.mode) ? 1 : cores,
          options.memory > 0 ? options.memory : default_memory(),
          static_cast<int>(options.inputs.size()), options.in_flight, options.memory > 0};
}

std::string output_of(const JobSpec& job, const std::string& input, int index) {
  try {
    return output_name(job.output.path, input, index);
  } catch (const Error& error) {
    job.output.path_location.fail(error.what());
  }
}

// Canonical paths of many files; looks each directory up only once.
class CanonicalPaths {
 public:
  fs::path of(const std::string& path) {
    const fs::path p(path);
    std::error_code ignored;
    if (fs::is_symlink(p, ignored)) return canonical_path(p);
    fs::path& directory = directories_[p.parent_path().string()];
    if (directory.empty()) directory = canonical_path(directory_of(p));
    return directory / p.filename();
  }

 private:
  std::map<std::string, fs::path> directories_;
};

// Could a picture of one sequence get the same name as a picture of the other?
bool may_share_pictures(const fs::path& a, const fs::path& b) {
  const auto one = sequence_of(a.filename().string()), other = sequence_of(b.filename().string());
  if (!one || !other || a.parent_path() != b.parent_path() || one->after != other->after)
    return false;
  const bool first_longer = one->before.size() > other->before.size();
  const std::string& longer = first_longer ? one->before : other->before;
  const std::string& shorter = first_longer ? other->before : one->before;
  return longer.starts_with(shorter) &&
         longer.find_first_not_of("0123456789", shorter.size()) == std::string::npos;
}

}  // namespace

Batch::Batch(const JobSpec& job, const BatchOptions& options, const StopFlag& stop)
    : context_{.job = job,
               .options = options,
               .stop = stop,
               .frames = meter_,
               .job_name = absolute_name(job.text.name),
               .canonical_job = quadrant::canonical_job(job, identity),
               .resources = resources_of(options)} {
  if (options.mode == Mode::automatic && options.shares.empty() && !options.isolate)
    context_.forecast.emplace(stop);
  for (std::size_t i = 0; i < options.inputs.size(); ++i)
    add_input(options.inputs[i], options.shares.empty() ? nullptr : options.shares[i].get());
  refuse_standard_output();
  refuse_what_cannot_be_written();
  if (job.output.container != "null") refuse_shared_outputs();
}

Batch::~Batch() = default;

void Batch::add_input(const InputSpec& input, const InputShare* share) {
  const std::string output =
      share ? share->output
            : output_of(context_.job, input.name, static_cast<int>(inputs_.size()) + 1);
  inputs_.emplace_back(input, output);
  if (!context_.options.observers.empty())
    inputs_.back().observer = context_.options.observers[inputs_.size() - 1];
  for (const FileId& id : files_behind(input)) context_.input_files.emplace(id, inputs_.size() - 1);
}

// Refuses unknown containers, encoders and options. The output's extension decides the container,
// so each extension is checked only once.
void Batch::refuse_what_cannot_be_written() {
  std::set<std::string> seen;
  for (const InputState& input : inputs_)
    if (seen.insert(fs::path(input.output).extension().string()).second)
      resolve_output(context_.job.output, input.output);
}

// It takes what one input gives, and only the process itself has it.
void Batch::refuse_standard_output() const {
  const SourceLocation& path = context_.job.output.path_location;
  if (inputs_.empty() || !is_standard_output(inputs_.front().output)) return;
  if (inputs_.size() > 1)
    path.fail(fmt::format(
        "path: standard output takes one input, not {}; name one, or write files: out/{{stem}}.mkv",
        inputs_.size()));
  if (context_.options.isolate)
    path.fail("path: standard output cannot be written by processes; take run.isolate: none");
}

void Batch::refuse_shared_outputs() const {
  CanonicalPaths paths;
  std::map<std::string, const InputState*> owners;
  std::map<fs::path, const InputState*> sequences;
  for (const InputState& input : inputs_) {
    const fs::path path = paths.of(input.output);
    const auto [owner, fresh] = owners.emplace(path.string(), &input);
    if (!fresh)
      fail(Fault::usage,
           "{} and {} have the same output {}; use {{stem}}, {{name}} or {{index}} in output.path",
           owner->second->input, input.input, input.output);
    if (!makes_sequence(context_.job.output.path) ||
        !makes_images(container_for(input.output, context_.job.output.container)))
      continue;
    for (const auto& [other, state] : sequences)
      if (may_share_pictures(path, other))
        fail(Fault::usage,
             "{} and {} have outputs whose pictures may share a name, {} and {}; put something "
             "other "
             "than a digit before the number",
             state->input, input.input, state->output, input.output);
    sequences.emplace(path, &input);
  }
}

void Batch::run() { run_job(context_, inputs_); }

ModeChoice Batch::mode() const {
  std::map<Mode, int> inputs;
  std::set<std::string> reasons;
  for (const InputState& input : inputs_) {
    if (!is_settled(input.status) || !input.mode) continue;
    ++inputs[*input.mode];
    reasons.insert(input.mode_reason);
  }
  const Mode wanted = context_.options.mode;
  if (inputs.empty()) {
    if (wanted != Mode::automatic) return {wanted, "asked for"};
    const bool is_cut_short = std::ranges::any_of(
        inputs_, [](const InputState& input) { return input.status == Status::abandoned; });
    return {wanted, is_cut_short ? "auto: stopped" : "auto: nothing left to do"};
  }
  if (reasons.size() == 1) return {inputs.begin()->first, *reasons.begin()};
  std::vector<std::string> parts;
  for (const auto& [mode, count] : inputs)
    parts.push_back(fmt::format("{} for {}", name_of(mode), counted(count, "input")));
  return {inputs.size() == 1 ? inputs.begin()->first : Mode::automatic,
          fmt::format("auto: {}, each with its reason", fmt::join(parts, ", "))};
}

void Batch::abandon() noexcept {
  for (InputState& state : inputs_) {
    const Status now = state.status;
    if (is_final(now)) continue;
    std::error_code ignored;
    if (now == Status::running && context_.options.shares.empty() &&
        !is_standard_output(state.output))
      fs::remove_all(part_name(state.output), ignored);
    state.ended = wall_seconds();
    if (state.becomes(Status::abandoned)) context_.roster.ends(state);
  }
}

void Batch::tell(const RunNote& note) {
  const std::string text = to_text(note);
  context_.note.set(text);
  for (const InputState* input : context_.roster.under_way())
    if (input->holds_output) tell_in_mark(part_name(input->output), text);
}

Plan Batch::plan_of(const InputState& input, bool for_many) {
  if (for_many) check_readable_elsewhere(input.spec());
  const Input opened(context_.job.played(input.spec()), context_.stop);
  return make_plan(context_.job, opened, resolve_output(context_.job.output, input.output),
                   input.output, context_.options.mode, context_.resources);
}

template <class F>
void Batch::look_at_each(F look, bool for_many) {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    InputState& state = inputs_[i];
    try {
      if (context_.stop.raised()) fail(Fault::stopped, "{}: stopped", state.input);
      Plan plan = plan_of(state, for_many);
      state.losses = plan.losses;
      state.notes = plan.notes;
      if (context_.options.strict && !plan.losses.empty())
        fail(Fault::input, "{}: --strict, and the output cannot keep all: {}", state.input,
             fmt::join(plan.losses, "; "));
      look(i, std::move(plan));
      state.status = Status::done;
    } catch (const Error& error) {
      state.error = error.what();
      state.fault = error.fault();
      state.status = error.fault() == Fault::stopped ? Status::stopped : Status::failed;
    }
  }
}

std::string Batch::explain() {
  std::string text;
  look_at_each([&](std::size_t i, const Plan& plan) {
    text += quadrant::explain(plan);
    if (context_.may_measure_mode(plan))
      text += fmt::format("note   a run measures {} frames first and may take another mode\n",
                          Forecast::measured_frames);
    try {
      Output output(context_, inputs_[i], nullptr);
      if (!output.is_due(job_key(context_.canonical_job, inputs_[i].spec())))
        text += "note   the output is up to date: nothing to do\n";
      for (const std::string& what : inputs_[i].reprocessed)
        text += fmt::format("note   made again: {}\n", what);
    } catch (const Error& error) {
      text += fmt::format("note   a run refuses this: {}\n", error.what());
    }
  });
  return text;
}

std::vector<std::shared_ptr<const Plan>> Batch::plans(bool for_many) {
  std::vector<std::shared_ptr<const Plan>> all(inputs_.size());
  look_at_each(
      [&](std::size_t i, Plan&& plan) { all[i] = std::make_shared<const Plan>(std::move(plan)); },
      for_many);
  return all;
}

}  // namespace quadrant
