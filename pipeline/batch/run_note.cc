// SPDX-License-Identifier: MIT
#include "pipeline/batch/run_note.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/batch/batch.h"
#include "pipeline/batch/names.h"

namespace quadrant {
namespace {

using nlohmann::json;

std::string to_text(const RunNote& note) {
  json told = {{"run", note.run},
               {"done", note.inputs.done},
               {"under_way", note.inputs.under_way},
               {"failed", note.inputs.failed},
               {"left", note.inputs.left}};
  if (note.seconds_left)
    told["seconds_left"] = {note.seconds_left->first, note.seconds_left->second};
  return told.dump();
}

// Anybody may write attributes, so what cannot be read is nothing.
std::optional<RunNote> note_of(const std::string& text) {
  try {
    const json told = json::parse(text);
    RunNote note{told.at("run"),
                 {.done = told.at("done"),
                  .under_way = told.at("under_way"),
                  .failed = told.at("failed"),
                  .left = told.at("left")},
                 {}};
    if (told.contains("seconds_left")) note.seconds_left = told["seconds_left"];
    return note;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

void leave_note(const Batch& batch, const RunNote& note) noexcept {
  try {
    const std::string text = to_text(note);
    for (const InputState& input : batch.inputs())
      if (input.status == Status::running) tell_in_mark(part_name(input.output), text);
  } catch (const std::exception&) {  // it is a courtesy
  }
}

std::vector<RunNote> notes_in(const std::vector<OutputTrace>& traces) {
  std::vector<RunNote> notes;
  for (const OutputTrace& trace : traces) {
    std::optional<RunNote> note = trace.live ? note_of(trace.told) : std::nullopt;
    if (!note) continue;
    const bool known =
        std::ranges::any_of(notes, [&](const RunNote& n) { return n.run == note->run; });
    if (!known) notes.push_back(*std::move(note));
  }
  return notes;
}

}  // namespace quadrant
