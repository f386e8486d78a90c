// SPDX-License-Identifier: MIT
#include "pipeline/batch/batch.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <opencv2/core/utility.hpp>
#include <optional>
#include <set>

#include "pipeline/batch/canonical_job.h"
#include "pipeline/batch/isolated.h"
#include "pipeline/batch/names.h"
#include "pipeline/batch/units.h"
#include "pipeline/execute/budget.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/sequence.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

Resources resources_of(const BatchOptions& options) {
  const int cores = options.cores > 0 ? options.cores : available_cores();
  return {runs_on_one_core(options.mode) ? 1 : cores,
          options.memory > 0 ? options.memory : default_memory(),
          static_cast<int>(options.inputs.size()), options.in_flight};
}

std::string output_of(const JobSpec& job, const std::string& input, int index) {
  try {
    return output_name(job.output.path, input, index);
  } catch (const Error& error) {
    job.output.path_place.fail(error.what());
  }
}

fs::path canonical_path(const std::string& path) {
  std::error_code ignored;
  return fs::weakly_canonical(fs::absolute(path, ignored), ignored);
}

// Could a picture of one sequence have the name of a picture of the other?
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
               .canonical_job = quadrant::canonical_job(job, identity),
               .resources = resources_of(options)} {
  if (options.mode == Mode::automatic && options.shares.empty()) context_.forecast.emplace(stop);
  for (std::size_t i = 0; i < options.inputs.size(); ++i)
    add_input(options.inputs[i], options.shares.empty() ? nullptr : options.shares[i].get());
  if (job.output.container != "null") refuse_shared_outputs();
  for (std::size_t i = 0; i < inputs_.size(); ++i)
    works_.emplace_back(context_, inputs_[i], requests_[i],
                        options.shares.empty() ? nullptr : options.shares[i].get());
}

Batch::~Batch() = default;

void Batch::add_input(const std::string& input, const InputShare* share) {
  const std::string output =
      share ? share->output : output_of(context_.job, input, static_cast<int>(inputs_.size()) + 1);
  requests_.push_back(resolve_output(context_.job.output, output));
  inputs_.emplace_back(input, output);
  if (!context_.options.observers.empty())
    inputs_.back().observer = context_.options.observers[inputs_.size() - 1];
  for (const std::string& file : files_of(input))
    if (const auto id = file_id(file)) context_.input_files.emplace(*id, input);
}

void Batch::refuse_shared_outputs() const {
  std::map<fs::path, const InputState*> owners, sequences;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const InputState& input = inputs_[i];
    const fs::path path = canonical_path(input.output);
    const auto [owner, fresh] = owners.emplace(path, &input);
    if (!fresh)
      fail(Fault::usage,
           "{} and {} have the same output {}; use {{stem}}, {{name}} or {{index}} in output.path",
           owner->second->input, input.input, input.output);
    if (!makes_images(requests_[i].container) || !is_sequence(input.output)) continue;
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

void Batch::run() {
  cv::setNumThreads(0);  // OpenCV runs in the thread that calls it; tiles are ours
  std::optional<Affinity> affinity;
  if (context_.options.keeps_to_cores) affinity.emplace(cores());
  const BatchOptions& options = context_.options;
  std::vector<InputWork*> all;
  for (InputWork& work : works_) all.push_back(&work);
  if (options.isolate) {
    run_isolated(all, context_);  // each process in its input's mode
  } else {
    if (options.timeout > 0) context_.watchdog.emplace(options.timeout);
    run_mode_by_mode(std::move(all));
  }
  for (InputWork& work : works_) work.close();
  for (InputState& state : inputs_)
    if (state.status == Status::waiting) state.status = Status::stopped;
}

void Batch::run_mode_by_mode(std::vector<InputWork*> all) {
  run_in(first_mode(context_.options.mode, cores()), all);
  for (const Mode later : {Mode::frames, Mode::tiles}) {
    std::erase_if(all, [](const InputWork* work) { return !work->set_aside_for(); });
    std::vector<InputWork*> works;
    std::ranges::copy_if(all, std::back_inserter(works),
                         [&](const InputWork* work) { return work->set_aside_for() == later; });
    if (!works.empty()) run_in(later, std::move(works));
  }
}

void Batch::run_in(Mode mode, std::vector<InputWork*> works) {
  BatchUnits units(context_, std::move(works), mode);
  make_executor(mode, {meter_, context_.stop, cores(), context_.resources.memory})->run(units);
}

ModeChoice Batch::mode() const {
  std::map<Mode, int> inputs;
  std::set<std::string> reasons;
  for (const InputState& input : inputs_) {
    if (!input.mode) continue;
    ++inputs[*input.mode];
    reasons.insert(input.mode_reason);
  }
  const Mode wanted = context_.options.mode;
  if (inputs.empty())
    return {wanted, wanted == Mode::automatic ? "auto: no input was left to do" : "asked for"};
  if (reasons.size() == 1) return {inputs.begin()->first, *reasons.begin()};
  std::vector<std::string> parts;
  for (const auto& [mode, count] : inputs)
    parts.push_back(fmt::format("{} for {} input{}", name_of(mode), count, count == 1 ? "" : "s"));
  return {inputs.size() == 1 ? inputs.begin()->first : Mode::automatic,
          fmt::format("auto: {}, each with its reason", fmt::join(parts, ", "))};
}

void Batch::abandon() noexcept {
  for (InputState& state : inputs_) {
    const Status now = state.status;
    if (now != Status::running && now != Status::waiting) continue;
    std::error_code ignored;
    if (now == Status::running && context_.options.shares.empty())
      fs::remove_all(part_name(state.output), ignored);
    state.ended = wall_seconds();
    state.status = Status::stopped;
  }
}

void Batch::tell(const RunNote& note) {
  const std::string text = to_text(note);
  context_.note.set(text);
  for (const InputState& input : inputs_)
    if (input.holds_output) tell_in_mark(part_name(input.output), text);
}

template <class F>
void Batch::look_at_each(F look) {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    InputState& state = inputs_[i];
    try {
      if (context_.stop.raised()) fail(Fault::stopped, "{}: stopped", state.input);
      look(works_[i], i);
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
  look_at_each([&](InputWork& work, std::size_t) { text += work.explain(); });
  return text;
}

std::vector<std::shared_ptr<const Plan>> Batch::plans() {
  context_.forecast.reset();  // units are the same in every mode
  std::vector<std::shared_ptr<const Plan>> all(inputs_.size());
  look_at_each([&](InputWork& work, std::size_t i) { all[i] = work.plan_for_many(); });
  return all;
}

void Batch::merge() {
  for (InputWork& work : works_)
    if (!context_.ends()) work.merge();
  for (InputState& state : inputs_)
    if (state.status == Status::waiting) state.status = Status::stopped;
}

}  // namespace quadrant
