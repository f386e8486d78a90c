// SPDX-License-Identifier: MIT
#include "pipeline/plan/unit.h"

#include <algorithm>
#include <cmath>

#include "pipeline/foreign_json.h"
#include "pipeline/media/versions.h"
#include "pipeline/plan/bounds.h"
#include "pipeline/plan/memory.h"
#include "pipeline/plan/plan.h"
#include "pipeline/plan/unit_json.h"

namespace quadrant {
namespace {

constexpr std::int64_t mebibyte = 1 << 20;
constexpr std::size_t id_digits = 16;

// The cost of a unit besides its pictures, in million samples per second of input: reading and
// copying, and each audio stream to encode. Coarse, but it only has to be small.
constexpr double copying = 0.1, encoding_sound = 1;

double samples_of(const Format& format) {
  return static_cast<double>(format.width) * format.height;
}

double largest_picture(const Plan& plan) {
  double most = std::max(samples_of(plan.source), samples_of(plan.output.video.format));
  for (const Step& step : plan.steps) most = std::max(most, samples_of(step.out()));
  return most / 1e6;
}

double pictures_of(const Plan& plan, const Unit& unit) {
  std::int64_t pictures = unit.segment.pictures;
  if (pictures == 0) pictures = plan.input.expected_frames();
  return static_cast<double>(std::max<std::int64_t>(1, pictures));
}

double cost_of(const Plan& plan, const Unit& unit) {
  double rest = copying;
  for (const StreamPlan& stream : plan.output.streams)
    if (stream.action == StreamPlan::Action::encode && stream.input_stream != plan.input.video)
      rest += encoding_sound;
  double cost = unit.kind == Unit::Kind::segment ? 0 : rest * plan.input.duration_seconds;
  if (unit.has_video()) cost += pictures_of(plan, unit) * largest_picture(plan);
  return std::round(cost * 1000) / 1000;
}

std::int64_t memory_of(const Plan& plan, const Unit& unit) {
  constexpr std::int64_t of_packets = 4 * mebibyte;
  if (!unit.has_video()) return of_packets;
  const std::int64_t codecs = unit.kind == Unit::Kind::segment
                                  ? codec_memory(plan, unit.segment.pictures)
                                  : codec_memory(plan);
  const std::int64_t all = codecs + plan.budget.bytes_per_frame * plan.budget.least;
  return (all + mebibyte - 1) / mebibyte * mebibyte;
}

Unit planned(const Plan& plan, const JobKey& key, Unit unit) {
  unit.id = id_of(unit, key);
  unit.cost = cost_of(plan, unit);
  unit.memory = memory_of(plan, unit);
  unit.threads = unit.has_video() ? encoder_threads(plan.output.video.threads) : 0;
  return unit;
}

}  // namespace

std::string JobKey::text() const { return md5_hex(configuration + "\n" + input + "\n" + versions); }

std::string JobKey::difference(const JobKey& other) const {
  if (configuration != other.configuration) return "the configuration changed";
  if (input != other.input) return "the input changed";
  if (versions != other.versions) return "Quadrant or a library has another version";
  return "";
}

std::string name_of(const Unit& unit) {
  switch (unit.kind) {
    case Unit::Kind::rest: return "sound and other streams";
    case Unit::Kind::segment: return fmt::format("segment {}", unit.number());
    case Unit::Kind::whole: break;
  }
  return "all of it";
}

Unit unit_of(const Segment& segment) { return {.kind = Unit::Kind::segment, .segment = segment}; }
Unit rest_unit() { return {.kind = Unit::Kind::rest}; }

// From what determines the bytes only: not the estimates, and not the order of execution.
std::string id_of(const Unit& unit, const JobKey& key) {
  const Segment& s = unit.segment;
  const auto stretch = fmt::format("{} {} {} {} {} {} {}", s.index, s.begin, s.end, s.first, s.last,
                                   s.key_pts, s.packets);
  const char* const kind = unit.kind == Unit::Kind::whole  ? "whole"
                           : unit.kind == Unit::Kind::rest ? "rest"
                                                           : stretch.c_str();
  return md5_hex(key.text() + "\n" + kind).substr(0, id_digits);
}

std::vector<Unit> units_of(const Plan& plan, const JobKey& key) {
  if (!plan.is_cut()) return {planned(plan, key, Unit{})};
  std::vector<Unit> units;
  for (const Segment& segment : plan.segments)
    units.push_back(planned(plan, key, unit_of(segment)));
  units.push_back(planned(plan, key, rest_unit()));
  return units;
}

std::vector<Segment> segments_of(const std::vector<Unit>& units) {
  std::vector<Segment> segments;
  for (const Unit& unit : units)
    if (unit.has_video()) segments.push_back(unit.segment);
  return segments;
}

namespace {

using nlohmann::json;

// An open end of a segment is null.
json time_or_null(std::int64_t time) {
  return time == Segment::start || time == Segment::finish ? json() : json(time);
}

std::int64_t time_in(const json& told, const char* name, std::int64_t open) {
  return told.at(name).is_null() ? open : whole_number(told.at(name));
}

}  // namespace

void to_json(json& j, const Segment& s) {
  j = {{"index", s.index},
       {"begin", time_or_null(s.begin)},
       {"end", time_or_null(s.end)},
       {"first", time_or_null(s.first)},
       {"last", time_or_null(s.last)},
       {"key_pts", time_or_null(s.key_pts)},
       {"key_dts", time_or_null(s.key_dts)},
       {"packets", time_or_null(s.packets)},
       {"pictures", s.pictures},
       {"weight", s.weight}};
}

void from_json(const json& j, Segment& s) {
  s = {.index = static_cast<int>(whole_number(j.at("index"))),
       .begin = time_in(j, "begin", Segment::start),
       .end = time_in(j, "end", Segment::finish),
       .first = time_in(j, "first", Segment::start),
       .last = time_in(j, "last", Segment::finish),
       .key_pts = time_in(j, "key_pts", Segment::start),
       .key_dts = time_in(j, "key_dts", Segment::start),
       .packets = time_in(j, "packets", Segment::finish),
       .pictures = whole_number(j.at("pictures")),
       .weight = j.at("weight")};
}

void to_json(json& j, const Unit& unit) {
  j = {{"id", unit.id},
       {"kind", unit.kind == Unit::Kind::whole  ? "whole"
                : unit.kind == Unit::Kind::rest ? "rest"
                                                : "segment"},
       {"cost", unit.cost},
       {"memory", unit.memory},
       {"threads", unit.threads}};
  if (unit.kind == Unit::Kind::segment) j["segment"] = unit.segment;
}

void from_json(const json& j, Unit& unit) {
  const std::string kind = j.at("kind");
  unit = {.kind = kind == "whole"  ? Unit::Kind::whole
                  : kind == "rest" ? Unit::Kind::rest
                                   : Unit::Kind::segment,
          .id = j.at("id"),
          .cost = j.at("cost"),
          .memory = whole_number(j.at("memory")),
          .threads = static_cast<int>(whole_number(j.at("threads")))};
  if (unit.kind == Unit::Kind::segment) unit.segment = j.at("segment");
}

}  // namespace quadrant
