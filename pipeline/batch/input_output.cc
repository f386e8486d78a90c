// SPDX-License-Identifier: MIT
// An input's output: it grows as parts end, is put together, checked and named.
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "pipeline/batch/damage.h"
#include "pipeline/batch/input_work.h"
#include "pipeline/batch/left_overs.h"
#include "pipeline/batch/names.h"
#include "pipeline/observe/threads.h"

namespace quadrant {

namespace fs = std::filesystem;

namespace {

// framemd5 begins with lines that describe the stream; once is enough.
std::string without_head(const std::string& text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] == '#') at = text.find('\n', at) + 1;
  return text.substr(at);
}

}  // namespace

bool InputWork::hold_output() {
  file_.emplace(state_.output, OutputFile::Kind{writes_pictures(), context_.options.overwrite});
  if (!is_due()) {
    file_->discard();
    return false;
  }
  state_.holds_output = true;
  tell_in_mark(part_name(state_.output), context_.note.text());
  return true;
}

void InputWork::complete() {
  for (auto& [segment, hashes] : hashes_) kept_hashes_[segment] = hashes.text();
  for (const auto& [segment, text] : kept_hashes_)
    state_.hashes += segment > 0 ? without_head(text) : text;
  if (!merges()) {
    tell_damage();
    tell_unplanned();
  }
  if (store_ && writes_output()) put_together();
  if (identity(state_.input) != identity_)
    fail(Fault::input, "{}: changed while it was read; the output would be of neither version",
         state_.input);
  if (!file_) return;
  state_.holds_output = false;
  file_->complete([this](const std::vector<std::string>& pictures) {
    forget_pictures_but(pictures);
    const std::string& named = pictures.empty() ? file_->part() : state_.output;
    context_.journals.remember(state_.output, key_, named, pictures);
  });
  if (store_ && !share_) store_->remove();
}

void InputWork::tell_damage() {
  // Of a cut input each part reads what it needs; it was counted before it was cut.
  state_.damage = damage_of(state_.meter, outline_.is_cut() ? 0 : outline_.indexed_packets);
  if (context_.options.strict && !state_.damage.empty())
    fail(Fault::input, "{}: --strict, and the input is damaged: {}", state_.input,
         fmt::join(state_.damage, "; "));
}

// A transport stream may bring new streams at any time; the output's header is long written.
void InputWork::tell_unplanned() {
  for (int stream : state_.meter.unplanned())
    state_.losses.push_back(
        fmt::format("#{}: left out, it was not there when the input was planned", stream));
  if (context_.options.strict && !state_.losses.empty())
    fail(Fault::input, "{}: --strict, and the output did not keep all: {}", state_.input,
         fmt::join(state_.losses, "; "));
}

PacketFiles InputWork::packet_files() const {
  PacketFiles files;  // one that was done as a whole has all its packets in the muxer's order
  if (outline_.is_cut())
    for (const Segment& segment : outline_.segments)
      files.segments.push_back(store_->path(part_of(segment)));
  files.rest = store_->path(outline_.is_cut() ? rest_part() : Part{});
  return files;
}

// The part has its name from here on, and what is whole by now goes into the output.
void InputWork::keep(const Part& part) {
  store_->keep(part);
  if (share_) return share_->records->kept(store_->id(part));
  {
    const std::lock_guard lock(mutex_);
    whole_.insert(store_->path(part));
    attempts_.erase(id_of(&part));  // which made no progress from here on
  }
  if (!context_.options.isolate) grow();
}

// So that little is left to write when the last part ends. By whoever ended a part, one at a time.
void InputWork::grow() {
  const std::unique_lock one(growing_mutex_, std::try_to_lock);
  if (!one) return;
  const Span span("putting together", state_.input);
  const auto is_whole = [this](const std::string& part) {
    const std::lock_guard lock(mutex_);
    return whole_.contains(part);
  };
  stitcher().advance(is_whole, context_.stop);
}

Stitcher& InputWork::stitcher() {
  if (!stitcher_) {
    const Input input(state_.input, context_.stop);
    stitcher_ = std::make_unique<Stitcher>(input, plan_->output, packet_files(), file_->part());
  }
  return *stitcher_;
}

void InputWork::put_together() {
  if (context_.options.isolate) return put_together_isolated();
  const Span span("putting together", state_.input);
  stitcher().finish(context_.stop);
  stitcher_.reset();
}

// Pictures of an earlier, longer run of ours would pass for the end of this one.
void InputWork::forget_pictures_but(const std::vector<std::string>& made) const {
  std::error_code ignored;
  for (const std::string& name : context_.journals.last(state_.output).pictures)
    if (std::ranges::find(made, name) == made.end())
      fs::remove(fs::path(state_.output).parent_path() / name, ignored);
}

}  // namespace quadrant
