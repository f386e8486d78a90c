// SPDX-License-Identifier: MIT
#include "pipeline/job/output.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "pipeline/config/differences.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/standard_output.h"
#include "pipeline/observe/threads.h"
#include "pipeline/store/identity.h"
#include "pipeline/store/left_overs.h"

namespace quadrant {

Output::Output(BatchContext& context, InputState& input, const InputShare* share)
    : context_(context), input_(input), share_(share) {
  const std::string container = container_for(input.output, context.job.output.container);
  writes_ = !writes_nothing(container) && !is_standard_output(input.output);
  pictures_ = makes_images(container) && makes_sequence(context.job.output.path);
}

// --- the existing output

void Output::refuse_to_overwrite_input(const std::string& file) const {
  const auto id = file_id(file);
  if (!id) return;
  if (const auto found = context_.input_files.find(*id); found != context_.input_files.end())
    fail(Fault::input, "{}: is the input {}, which is never overwritten; choose another output",
         file, context_.options.inputs[found->second].name);
}

// Pictures that no job of ours made would be lost, or be taken for pictures of this output.
void Output::refuse_foreign_pictures(const std::vector<std::string>& there) const {
  if (!pictures_) return;
  const std::vector<std::string> ours = context_.journals.last(input_.output).pictures;
  for (const std::string& file : there)
    if (std::ranges::find(ours, fs::path(file).filename().string()) == ours.end())
      fail(Fault::input,
           "{}: {} exists and was not made by a run for this output; remove it or choose another "
           "name",
           input_.output, file);
}

// An output that is up to date kept and lost what it did when it was made.
void Output::take_from_journal(const Journals::Entry& entry) const {
  input_.losses = entry.losses;
  input_.damage = entry.damage;
  input_.recorded_frames = entry.frames;
  input_.recorded_seconds = entry.seconds;
  if (context_.options.strict && !(entry.losses.empty() && entry.damage.empty()))
    fail(Fault::input, "{}: --strict, and {} did not keep all: {}", input_.input, input_.output,
         fmt::join(entry.losses.empty() ? entry.damage : entry.losses, "; "));
}

// Why the output that is there is none of this job's; "" if it is.
std::string Output::foreign(const Journals::Entry& entry) const {
  if (entry.job.empty()) return "no run of Quadrant remembers it";
  if (entry.file != identity(input_.output)) return "it was changed after Quadrant wrote it";
  if (entry.job != context_.job_name) return "another job made it, " + entry.job;
  if (entry.input != absolute_name(input_.input)) return "it was made of " + entry.input;
  return "";
}

std::string Output::change(const Journals::Entry& entry, const JobKey& key) const {
  const std::string what = entry.key.difference(key);
  const std::string keys =
      entry.key.configuration == key.configuration
          ? ""
          : job_differences(context_.journals.configuration(input_.output, entry.key.configuration),
                            context_.canonical_job);
  return keys.empty() ? what : keys;
}

// The output would be made first, and then have no name to get.
void Output::refuse_dangling_link() const {
  std::error_code error;
  if (!fs::is_symlink(input_.output, error) || quadrant::is_there(input_.output)) return;
  fail(Fault::input,
       "{}: is a symbolic link to {}, which does not exist; remove the link or name that file",
       input_.output, fs::read_symlink(input_.output, error).string());
}

bool Output::is_due(const JobKey& key) {
  if (!is_written_here()) return true;
  refuse_dangling_link();
  std::vector<std::string> there;
  if (pictures_)
    there = files_of(input_.output);
  else if (quadrant::is_there(input_.output))
    there.push_back(input_.output);
  if (there.empty()) return true;
  for (const std::string& file : there) refuse_to_overwrite_input(file);
  std::error_code ignored;
  for (const std::string& file : there)  // the output would replace a device (/dev/null!)
    if (!fs::is_regular_file(file, ignored))
      fail(
          Fault::input,
          "{}: exists and is not a regular file, so it is not replaced; container: \"null\" writes "
          "nothing",
          file);
  const Journals::Entry entry = context_.journals.last(input_.output);
  if (entry.is_up_to_date(input_.output, key)) {
    take_from_journal(entry);
    return false;
  }
  const std::string why_not = foreign(entry);
  if (!why_not.empty() && !context_.options.overwrite)
    fail(Fault::input, "{}: exists, and {}; --overwrite replaces it", input_.output, why_not);
  refuse_foreign_pictures(there);
  if (why_not.empty()) {
    replaced_ = entry.file;
    input_.reprocessed = {"the output: " + change(entry, key)};
  }
  return true;
}

bool Output::hold(const JobKey& key) {
  if (!is_written_here() || file_) return true;
  const bool replaces = context_.options.overwrite || !replaced_.empty();
  file_.emplace(input_.output, OutputFile::Kind{pictures_, replaces});
  if (!is_due(key)) {
    discard();
    return false;
  }
  input_.holds_output = true;
  tell_in_mark(part_name(input_.output), context_.note.text());
  return true;
}

void Output::tidy(const JobKey& key) noexcept {
  if (!quadrant::is_there(segments_name(input_.output))) return;
  try {
    OutputFile ours(input_.output, {});
    UnitStore::beside(input_.output, key).remove();
    ours.discard();
  } catch (const Error&) {  // another job holds it
  }
}

// --- the units

void Output::has_units(const std::vector<Unit>& units, const JobKey& key) {
  units_ = units;
  if (!share_ && units.size() == 1) {
    // An earlier job may have cut this input, or an older version of it.
    if (file_) UnitStore::beside(input_.output, key).remove();
    return;
  }
  store_.emplace(share_ ? UnitStore::shared(share_->directory, key)
                        : UnitStore::beside(input_.output, key));
  if (share_ && share_->merges) return;
  store_->create();
  if (!share_) store_->discard_growing();
}

std::optional<UnitStore::Found> Output::find(const Unit& unit, bool with_hashes) const {
  return store_ ? store_->find(unit, with_hashes) : std::nullopt;
}

void Output::is_there(const Unit& unit) { whole_.insert(store_->path(unit)); }

UnitOrder Output::order(const Unit& unit) const {
  if (!store_) return {.unit = unit, .path = file_ ? file_->part() : input_.output};
  return {.unit = unit, .head = store_->head(unit), .path = store_->growing(unit)};
}

void Output::prepare(const Unit& unit) noexcept {
  if (store_)
    store_->discard(unit);
  else if (file_)
    file_->empty();
}

void Output::keep(const Unit& unit, InputRunner& runner) {
  if (!store_) return;
  store_->keep(unit);
  if (share_) return;
  {
    const std::lock_guard lock(mutex_);
    whole_.insert(store_->path(unit));
  }
  // So that little is left to write when the last unit ends. One worker at a time.
  const std::unique_lock one(growing_mutex_, std::try_to_lock);
  if (!one) return;
  const Span span("putting together", input_.input);
  runner.grow(stitch_order(), [this](const std::string& file) {
    const std::lock_guard lock(mutex_);
    return whole_.contains(file);
  });
}

// The packet file of a whole input has all packets in the muxer's order.
StitchOrder Output::stitch_order() const {
  StitchOrder order{.path = file_->part()};
  for (const Unit& unit : units_)
    if (unit.kind == Unit::Kind::segment)
      order.files.segments.push_back(store_->path(unit));
    else
      order.files.rest = store_->path(unit);
  return order;
}

// --- the name

void Output::put_together(InputRunner& runner, Attempt& attempt) {
  if (!store_ || !file_) return;
  const Span span("putting together", input_.input);
  runner.stitch(stitch_order(), attempt);
}

void Output::complete(const JobKey& key) {
  if (!file_) return;
  if (!replaced_.empty() && identity(input_.output) != replaced_)
    fail(Fault::input, "{}: was changed while a new version of it was made, which is dropped",
         input_.output);
  input_.holds_output = false;
  file_->complete([&](const std::vector<std::string>& pictures) {
    forget_pictures_but(pictures);
    const std::string& named = pictures.empty() ? file_->part() : input_.output;
    if (!context_.options.remembers) return;
    context_.journals.remember(input_.output,
                               {.key = key,
                                .file = identity(named),
                                .pictures = pictures,
                                .job = context_.job_name,
                                .input = absolute_name(input_.input),
                                .losses = input_.losses,
                                .damage = input_.damage,
                                .frames = input_.meter.frames_out,
                                .seconds = wall_seconds() - input_.began},
                               context_.canonical_job);
  });
  if (store_ && !share_) store_->remove();
}

// Pictures from an earlier, longer job of ours would be taken for the end of this one.
void Output::forget_pictures_but(const std::vector<std::string>& made) const {
  std::error_code ignored;
  for (const std::string& name : context_.journals.last(input_.output).pictures)
    if (std::ranges::find(made, name) == made.end())
      fs::remove(fs::path(input_.output).parent_path() / name, ignored);
}

void Output::discard() noexcept {
  if (file_) file_->discard();
  release();
}

void Output::release() noexcept {
  input_.holds_output = false;
  file_.reset();
}

}  // namespace quadrant
