// SPDX-License-Identifier: MIT
#include "pipeline/batch/batch.h"

#include <fmt/ranges.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <opencv2/core/utility.hpp>

#include "pipeline/batch/journal.h"
#include "pipeline/batch/names.h"
#include "pipeline/batch/output_file.h"
#include "pipeline/execute/budget.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/sequence.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

bool is_picture_sequence(const OutputRequest& request, const std::string& path) {
  return makes_images(request.container) && is_sequence(path);
}

// By symlink, hard link or another spelling: the same file.
std::optional<FileId> file_id(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return std::nullopt;
  return FileId{about.st_dev, about.st_ino};
}

// What shapes an output's bytes: not where it lies, and not how it is run (law 1).
std::string canonical(JobSpec job) {
  job.inputs.clear();
  job.output.path.clear();
  job.run = {};
  return to_yaml(job);
}

}  // namespace

std::string_view name_of(Status status) {
  switch (status) {
    case Status::waiting: return "waiting";
    case Status::running: return "running";
    case Status::done: return "done";
    case Status::up_to_date: return "up-to-date";
    case Status::failed: return "failed";
    case Status::stopped: break;
  }
  return "stopped";
}

// One input of the batch, as the executor sees it.
class Batch::BatchUnit final : public Unit {
 public:
  BatchUnit(Batch& batch, std::size_t index)
      : batch_(batch), state_(batch.inputs_[index]), request_(batch.requests_[index]) {}

  std::unique_ptr<Session> open() override {
    state_.began = wall_seconds();
    state_.status = Status::running;
    key_ = job_key(batch_.canonical_job_, state_.input);
    if (!batch_.is_due(state_, request_)) return nullptr;
    Input input(state_.input, batch_.stop_);
    Plan plan = batch_.plan_input(state_, input, request_);
    state_.expected_frames = plan.input.expected_frames();
    if (!writes_nothing(request_.container))
      file_.emplace(state_.output, is_picture_sequence(request_, state_.output));
    opened_ = true;
    FrameHashes* hashes = batch_.options_.keep_hashes ? &state_.hashes : nullptr;
    return std::make_unique<Session>(std::move(input), std::move(plan), state_.meter, hashes);
  }

  std::string part_path() const override { return file_ ? file_->part() : state_.output; }

  void done(std::exception_ptr failure) noexcept override {
    try {
      if (failure) std::rethrow_exception(failure);
      if (file_) {
        file_->complete();
        remember(state_.output, key_);
      }
      finish(opened_ ? Status::done : Status::up_to_date);
    } catch (const Error& error) {
      fail_with(error.fault(), error.what());
    } catch (const std::bad_alloc&) {
      fail_with(Fault::temporary, state_.input + ": out of memory");
    } catch (const std::exception& error) {
      fail_with(Fault::internal, fmt::format("{}: {}", state_.input, error.what()));
    }
  }

 private:
  void fail_with(Fault fault, const std::string& what) {
    if (file_) file_->discard();
    state_.error = what.starts_with(state_.input) || what.starts_with(state_.output)
                       ? what
                       : state_.input + ": " + what;
    state_.fault = fault;
    if (batch_.options_.fail_fast) batch_.give_up_ = true;
    finish(fault == Fault::stopped ? Status::stopped : Status::failed);
  }

  void finish(Status status) {
    state_.ended = wall_seconds();
    state_.status = status;
  }

  Batch& batch_;
  InputState& state_;
  const OutputRequest& request_;
  std::string key_;
  std::optional<OutputFile> file_;  // none for an output that is only measured
  bool opened_ = false;
};

class Batch::BatchUnits final : public Units {
 public:
  explicit BatchUnits(Batch& batch) : batch_(batch) {}

  std::unique_ptr<Unit> next() override {
    if (next_ == batch_.inputs_.size() || batch_.give_up_ || batch_.stop_.raised()) return nullptr;
    return std::make_unique<BatchUnit>(batch_, next_++);
  }

 private:
  Batch& batch_;
  std::size_t next_ = 0;
};

Batch::Batch(const JobSpec& job, const BatchOptions& options, const StopFlag& stop)
    : job_(job), options_(options), stop_(stop), canonical_job_(canonical(job)) {
  const int cores = options.cores > 0 ? options.cores : available_cores();
  mode_ = choose_mode(options.mode, cores);
  const bool one_core = mode_.mode == Mode::sequential || mode_.mode == Mode::concurrent;
  resources_ = {one_core ? 1 : cores, options.memory > 0 ? options.memory : default_memory()};
  std::map<fs::path, std::string> owner;  // of each output
  for (const std::string& input : options.inputs) {
    std::string output;
    try {
      output = output_name(job.output.path, input, static_cast<int>(inputs_.size()) + 1);
    } catch (const Error& error) {
      job.output.path_place.fail(error.what());
    }
    std::error_code ignored;
    const auto [other, fresh] =
        owner.emplace(fs::weakly_canonical(fs::absolute(output, ignored), ignored), input);
    if (!fresh && job.output.container != "null")
      fail(Fault::usage,
           "{} and {} have the same output {}; use {{stem}}, {{name}} or {{index}} in output.path",
           other->second, input, output);
    requests_.push_back(resolve_output(job.output, output));
    inputs_.emplace_back(input, output, meter_);
    for (const std::string& file : files_of(input))
      if (const auto id = file_id(file)) input_files_.emplace(*id, input);
  }
}

Batch::~Batch() = default;

void Batch::refuse_to_overwrite_input(const std::string& file) const {
  const auto id = file_id(file);
  if (!id) return;
  if (const auto found = input_files_.find(*id); found != input_files_.end())
    fail(Fault::input, "{}: is the input {}, which is never overwritten; choose another output",
         file, found->second);
}

bool Batch::is_due(const InputState& state, const OutputRequest& request) const {
  if (writes_nothing(request.container)) return true;
  const std::vector<std::string> there = files_of(state.output);
  if (there.empty()) return true;
  for (const std::string& file : there) refuse_to_overwrite_input(file);
  std::error_code ignored;
  for (const std::string& file : there)  // a device would be replaced by a file (/dev/null!)
    if (!fs::is_regular_file(file, ignored))
      fail(Fault::input,
           "{}: is there and is no regular file, so it is left alone; container: \"null\" writes "
           "nothing",
           file);
  if (is_up_to_date(state.output, job_key(canonical_job_, state.input))) return false;
  if (!options_.overwrite)
    fail(Fault::input,
         "{}: exists and is not this job's up-to-date output; --overwrite replaces it",
         state.output);
  return true;
}

std::string Batch::verdict(const InputState& state, const OutputRequest& request) const {
  try {
    return is_due(state, request) ? "" : "note   the output is up to date: nothing to do\n";
  } catch (const Error& error) {
    return fmt::format("note   a run refuses this: {}\n", error.what());
  }
}

Plan Batch::plan_input(InputState& state, const Input& input, const OutputRequest& request) const {
  Plan plan = make_plan(job_, input, request, state.output, mode_, resources_);
  state.losses = plan.losses;
  state.notes = plan.notes;
  if (options_.strict && !plan.losses.empty())
    fail(Fault::input, "{}: --strict, and the output cannot keep all: {}", state.input,
         fmt::join(plan.losses, "; "));
  return plan;
}

void Batch::run() {
  cv::setNumThreads(0);  // OpenCV runs in the thread that calls it; tiles are ours
  const Affinity affinity(resources_.cores);
  BatchUnits units(*this);
  make_executor(mode_.mode, {meter_, stop_, resources_.cores})->run(units);
  for (InputState& state : inputs_)
    if (state.status == Status::waiting) state.status = Status::stopped;
}

void Batch::abandon() noexcept {
  for (InputState& state : inputs_) {
    if (state.status != Status::running) continue;
    std::error_code ignored;
    fs::remove_all(part_name(state.output), ignored);
    state.status = Status::stopped;
  }
}

std::string Batch::explain() {
  std::string text;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    InputState& state = inputs_[i];
    try {
      const Input input(state.input, stop_);
      text += quadrant::explain(plan_input(state, input, requests_[i]));
      text += verdict(state, requests_[i]);
      state.status = Status::done;
    } catch (const Error& error) {
      state.error = error.what();
      state.fault = error.fault();
      state.status = Status::failed;
    }
  }
  return text;
}

}  // namespace quadrant
