// SPDX-License-Identifier: MIT
#include "pipeline/observe/progress_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"

namespace quadrant {
namespace {

double per_second(double frames, double seconds) { return seconds > 0 ? frames / seconds : 0; }

// As long as work is left, so is a second.
std::optional<double> seconds_left(const TimeLeft& time, double missing) {
  if (missing <= 0) return 1;
  const std::optional<double> mean = time.mean(missing);
  return mean ? std::optional(std::max(1.0, *mean)) : mean;
}

// Less and less of it, for narrower and narrower terminals.
std::string numbers(const Reading& r, int form) {
  constexpr std::size_t cells = 10;
  const double part = r.all > 0 ? std::clamp(r.done / r.all, 0.0, 1.0) : 0;
  const auto full = static_cast<std::size_t>(part * cells);
  const std::string percent = fmt::format("{:3.0f}%", std::floor(part * 100));
  if (form == 2) return percent;
  if (form == 1) return fmt::format("{}  {}", percent, left_text(r));
  return fmt::format("[{}{}] {}  {:.0f}{} frame{}  {:.1f} fps  {}", std::string(full, '#'),
                     std::string(cells - full, '.'), percent, r.done,
                     r.all > 0 ? fmt::format("/{:.0f}", r.all) : "",
                     (r.all > 0 ? r.all : r.done) == 1 ? "" : "s", r.fps, left_text(r));
}

std::vector<std::string> aligned(const std::vector<Reading>& shown, std::size_t width) {
  constexpr std::size_t legible = 16, gap = 2;  // of a name, at least
  std::size_t longest = 0;
  for (const Reading& r : shown) longest = std::max(longest, columns_of(printable(r.name)));
  for (int form = 0;; ++form) {
    std::size_t needed = gap;
    for (const Reading& r : shown) needed = std::max(needed, gap + numbers(r, form).size());
    const bool fits = width >= needed + std::min(longest, legible);
    if (!fits && form < 2) continue;
    const std::size_t room = std::min(longest, width - std::min(width, needed));
    std::vector<std::string> lines;
    for (const Reading& r : shown) {
      const std::string name = cut_in_middle(printable(r.name), room);
      const std::string space(room - columns_of(name) + gap, ' ');
      lines.push_back(cut_at_end(name + space + numbers(r, form), width));
    }
    return lines;
  }
}

}  // namespace

double frames_per_second(const InputProgress& input) {
  return per_second(static_cast<double>(input.coded() - input.kept), input.seconds);
}

std::string clock_text(double seconds) {
  const long s = std::lround(seconds);
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                   : fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string left_text(const Reading& r) {
  return r.is_finishing() ? "finishing" : (r.left ? clock_text(*r.left) : "?") + " left";
}

void Readings::look(const BatchProgress& now) {
  std::map<const void*, TimeLeft> still;
  inputs.clear();
  for (const InputProgress& i : now.running) {
    TimeLeft& time = still[i.id] = std::move(times_[i.id]);
    const long all = i.expected > 0 ? std::max(i.expected, i.frames) : 0;
    time.look(i.seconds, static_cast<double>(i.coded() - i.kept));
    inputs.push_back(
        {i.name, static_cast<double>(i.coded()), static_cast<double>(all), frames_per_second(i),
         all > 0 ? seconds_left(time, static_cast<double>(all - i.coded())) : std::nullopt});
  }
  times_ = std::move(still);
  totals = quadrant::totals(now);
  time_.look(now.seconds, totals.made);
  const double all = totals.made + totals.missing;
  batch = {fmt::format("{} of {}", totals.finished(),
                       counted(static_cast<std::int64_t>(now.inputs), "input")),
           totals.made, all, per_second(totals.made, now.seconds),
           all > 0 ? seconds_left(time_, totals.missing) : std::nullopt};
}

std::vector<std::string> progress_lines(const Readings& readings, std::size_t inputs,
                                        const TerminalSize& size) {
  std::vector<Reading> shown = readings.inputs;
  const std::size_t rows = std::max<std::size_t>(1, size.rows - 1),
                    room = rows - std::min<std::size_t>(rows, inputs > 1);
  const std::size_t all = shown.size();
  if (all > room) shown.resize(room > 0 ? room - 1 : 0);
  const std::size_t drawn = shown.size();
  if (inputs > 1) shown.push_back(readings.batch);
  std::vector<std::string> text = aligned(shown, size.columns - 1);
  if (all > room && room > 0)
    text.insert(text.begin() + static_cast<std::ptrdiff_t>(drawn),
                cut_at_end(fmt::format("and {} more under way", all - drawn), size.columns - 1));
  return text;
}

}  // namespace quadrant
