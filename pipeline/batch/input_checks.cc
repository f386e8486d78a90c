// SPDX-License-Identifier: MIT
// What must hold of an output's place before anything is written there.
#include <filesystem>

#include "pipeline/batch/input_work.h"
#include "pipeline/batch/names.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/sequence.h"

namespace quadrant {

namespace fs = std::filesystem;

void InputWork::refuse_to_overwrite_input(const std::string& file) const {
  const auto id = file_id(file);
  if (!id) return;
  if (const auto found = context_.input_files.find(*id); found != context_.input_files.end())
    fail(Fault::input, "{}: is the input {}, which is never overwritten; choose another output",
         file, found->second);
}

// Pictures that no run of ours made would be lost, or pass for pictures of this output.
void InputWork::refuse_foreign_pictures(const std::vector<std::string>& there) const {
  if (!writes_pictures()) return;
  const std::vector<std::string> ours = context_.journals.last(state_.output).pictures;
  for (const std::string& file : there)
    if (std::ranges::find(ours, fs::path(file).filename().string()) == ours.end())
      fail(Fault::input,
           "{}: {} is there and no run for this output made it; remove it or choose another name",
           state_.output, file);
}

bool InputWork::is_due() const {
  if (!has_output()) return true;
  std::vector<std::string> there;
  if (writes_pictures())
    there = files_of(state_.output);
  else if (fs::exists(state_.output))
    there.push_back(state_.output);
  if (there.empty()) return true;
  for (const std::string& file : there) refuse_to_overwrite_input(file);
  std::error_code ignored;
  for (const std::string& file : there)  // a device would be replaced by a file (/dev/null!)
    if (!fs::is_regular_file(file, ignored))
      fail(Fault::input,
           "{}: is there and is no regular file, so it is left alone; container: \"null\" writes "
           "nothing",
           file);
  if (context_.journals.is_up_to_date(state_.output, key_)) return false;
  if (!context_.options.overwrite)
    fail(Fault::input,
         "{}: exists and is not this job's up-to-date output; --overwrite replaces it",
         state_.output);
  refuse_foreign_pictures(there);
  return true;
}

std::string InputWork::explain() {
  const Input input(state_.input, context_.stop);
  key_ = job_key(context_.canonical_job, state_.input);
  std::string text = quadrant::explain(*make_plan(input));
  try {
    if (!is_due()) text += "note   the output is up to date: nothing to do\n";
  } catch (const Error& error) {
    text += fmt::format("note   a run refuses this: {}\n", error.what());
  }
  return text;
}

}  // namespace quadrant
