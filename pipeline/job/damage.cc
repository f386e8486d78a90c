// SPDX-License-Identifier: MIT
#include "pipeline/job/damage.h"

#include <fmt/ranges.h>

#include <cmath>

#include "pipeline/counted.h"

namespace quadrant {
namespace {

std::string told(std::string_view doing, const Diagnostics& heard) {
  return heard.lines == 1
             ? fmt::format("{}: {}", doing, heard.first)
             : fmt::format("{}: {} errors, the first: {}", doing, heard.lines, heard.first);
}

}  // namespace

std::vector<std::string> damage_of(const InputMeter& meter, std::int64_t promised) {
  std::vector<std::string> damage;
  const Diagnostics reading = meter.diagnostics(InputMeter::read),
                    decoding = meter.diagnostics(InputMeter::decode);
  if (reading.lines > 0) damage.push_back(told("reading", reading));
  if (decoding.lines > 0) damage.push_back(told("decoding", decoding));
  if (meter.decode_errors > 0)
    damage.push_back(counted(meter.decode_errors, "packet") + " could not be decoded");
  if (const std::int64_t got = meter.packets_in; got < promised)
    damage.push_back(
        fmt::format("{} of {} of the video missing", promised - got, counted(promised, "packet")));
  return damage;
}

std::optional<std::string> moved_picture(const InputMeter& meter,
                                         const std::vector<std::string>& beside) {
  constexpr double heard_seconds = 0.1;  // about when sound is felt to be apart from the picture
  const TimeSpan was = meter.span(InputMeter::decode), is = meter.span(InputMeter::encode);
  const std::int64_t frames = meter.frames_out;
  if (beside.empty() || was.empty() || is.empty() || frames == 0) return std::nullopt;
  // A frame of a slow rate may end later than those of which it was made.
  const double slack = heard_seconds + 2 * is.length() / static_cast<double>(frames);
  const bool begins_elsewhere = std::abs(is.begin - was.begin) > heard_seconds;
  if (!begins_elsewhere && std::abs(is.end - was.end) <= slack) return std::nullopt;
  return fmt::format("picture is {:.1f} s{}, {}", is.length(),
                     begins_elsewhere ? fmt::format(" from {:.1f} s on", is.begin) : "",
                     fmt::join(beside, ", "));
}

}  // namespace quadrant
