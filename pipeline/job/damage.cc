// SPDX-License-Identifier: MIT
#include "pipeline/job/damage.h"

#include <fmt/format.h>

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

}  // namespace quadrant
