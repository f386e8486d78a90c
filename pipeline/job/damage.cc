// SPDX-License-Identifier: MIT
#include "pipeline/job/damage.h"

#include <fmt/ranges.h>

#include <cmath>

#include "pipeline/counted.h"

namespace quadrant {
namespace {

std::string told(std::string_view doing, const Diagnostics& heard) {
  return heard.lines == 1 ? fmt::format("{}: {}", doing, heard.first)
                          : fmt::format("{}: {}, the first: {}", doing,
                                        counted(heard.lines, "error"), heard.first);
}

}  // namespace

std::vector<std::string> damage_of(const Findings& found, std::int64_t promised) {
  std::vector<std::string> damage;
  if (found.reading.lines > 0) damage.push_back(told("reading", found.reading));
  if (found.decoding.lines > 0) damage.push_back(told("decoding", found.decoding));
  if (found.damaged > 0)
    damage.push_back(
        fmt::format("{} of {} damaged", found.damaged, counted(found.pictures, "frame")));
  if (found.undecoded > 0)
    damage.push_back(counted(found.undecoded, "packet") + " could not be decoded");
  if (found.packets < promised)
    damage.push_back(fmt::format("{} of {} of the video missing", promised - found.packets,
                                 counted(promised, "packet")));
  return damage;
}

std::string too_much_damage(const Findings& found, std::int64_t promised, const RunSpec& run) {
  constexpr double most_lost = 10;
  const std::int64_t lost = found.undecoded + std::max<std::int64_t>(0, promised - found.packets);
  const std::int64_t bad = lost + (run.max_damage ? found.damaged : 0);
  const double all = std::max(1.0, static_cast<double>(found.pictures + lost));
  const double share = 100.0 * static_cast<double>(bad) / all;
  if (run.fail_on_damage) return "run.on_damage is fail, and the input is damaged";
  if (share <= run.max_damage.value_or(most_lost)) return "";
  return fmt::format("{:.1f} % of its frames are {}, more than run.max_damage, {:g} %", share,
                     run.max_damage ? "damaged or lost" : "lost",
                     run.max_damage.value_or(most_lost));
}

std::vector<std::string> late_losses(const Findings& found) {
  std::vector<std::string> losses;
  for (const auto& [what, count] : found.subtitles)
    losses.push_back(fmt::format("{} ({})", what, counted(count, "subtitle")));
  if (found.untimed > 0)
    losses.push_back(fmt::format("times: {} had none; they are computed from the rate",
                                 counted(found.untimed, "frame")));
  if (found.repeated > 0)
    losses.push_back(
        fmt::format("times: {} had that of the frame before, or an earlier one; they are shown "
                    "right after it",
                    counted(found.repeated, "frame")));
  for (const auto& [what, begin] : found.late)
    losses.push_back(fmt::format("{}; first at {:.2f} s", what, begin));
  return losses;
}

std::optional<std::string> moved_picture(const Findings& found,
                                         const std::vector<std::string>& beside) {
  constexpr double heard_seconds = 0.1;  // about when sound is felt to be apart from the picture
  const TimeSpan &was = found.decoded, &is = found.encoded;
  if (beside.empty() || was.empty() || is.empty()) return std::nullopt;
  // A frame of a slow rate may end later than those of which it was made, and begins at the nearest
  // place of that rate.
  const double frame = is.length() / static_cast<double>(std::max<std::int64_t>(1, found.taken));
  const double slack = heard_seconds + 2 * frame;
  const bool begins_elsewhere = std::abs(is.begin - was.begin) > heard_seconds + frame / 2;
  if (!begins_elsewhere && std::abs(is.end - was.end) <= slack) return std::nullopt;
  return fmt::format("picture is {:.1f} s{}, {}", is.length(),
                     begins_elsewhere ? fmt::format(" from {:.1f} s on", is.begin) : "",
                     fmt::join(beside, ", "));
}

}  // namespace quadrant
