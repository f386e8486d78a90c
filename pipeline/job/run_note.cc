// SPDX-License-Identifier: MIT
#include "pipeline/job/run_note.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>

namespace quadrant {
namespace {

using nlohmann::json;

constexpr double longest = 1e9;  // seconds

std::size_t count_in(const json& told, const char* key) {
  const json& count = told.at(key);
  if (!count.is_number_unsigned()) throw std::invalid_argument(key);
  return count.get<std::size_t>();
}

std::optional<std::pair<double, double>> seconds_left_in(const json& told) {
  if (!told.contains("seconds_left")) return std::nullopt;
  const auto range = told["seconds_left"].get<std::pair<double, double>>();
  if (!(0 <= range.first && range.first <= range.second && range.second < longest))
    throw std::invalid_argument("seconds_left");
  return range;
}

// Anybody may write attributes: text that this program would not have written is ignored.
std::optional<RunNote> note_of(const std::string& text) {
  static const std::regex form("[A-Za-z0-9-]+-[0-9]+-[0-9a-f]{8}");
  try {
    const json told = json::parse(text);
    const std::string run = told.at("run");
    if (!std::regex_match(run, form)) return std::nullopt;
    const BatchTotals inputs{.done = count_in(told, "done"),
                             .under_way = count_in(told, "under_way"),
                             .failed = count_in(told, "failed"),
                             .left = count_in(told, "left")};
    return RunNote{run, inputs, seconds_left_in(told)};
  } catch (const json::exception&) {
    return std::nullopt;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

}  // namespace

std::string to_text(const RunNote& note) {
  json told = {{"run", note.run},
               {"done", note.inputs.done},
               {"under_way", note.inputs.under_way},
               {"failed", note.inputs.failed},
               {"left", note.inputs.left}};
  if (note.seconds_left && note.seconds_left->second < longest)
    told["seconds_left"] = {note.seconds_left->first, note.seconds_left->second};
  return told.dump();
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

void ToldNote::set(std::string text) {
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
}

std::string ToldNote::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

}  // namespace quadrant
