// SPDX-License-Identifier: MIT
#include "pipeline/batch/planned.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "pipeline/batch/names.h"
#include "pipeline/batch/segment_store.h"

namespace quadrant {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* unit_schema = "quadrant-unit/1";
constexpr std::int64_t mebibyte = 1 << 20;

// What a unit costs beside its pictures, in million samples for a second of the input: reading and
// copying, and each stream of sound that is encoded. Coarse: it only has to be small.
constexpr double copying = 0.1, encoding_sound = 1;

// An encoder's lookahead and references, and a decoder's.
constexpr std::int64_t pictures_in_codecs = 56;
constexpr std::int64_t program_memory = 96 * mebibyte;

double samples_of(const Format& format) {
  return static_cast<double>(format.width) * format.height;
}

double largest_picture(const Plan& plan) {
  double most = std::max(samples_of(plan.source), samples_of(plan.output.video.format));
  for (const Step& step : plan.steps) most = std::max(most, samples_of(step.out()));
  return most / 1e6;
}

double pictures_of(const Plan& plan, const Part& part) {
  std::int64_t pictures = part.segment.pictures;
  if (pictures == 0) pictures = plan.input.expected_frames();
  return static_cast<double>(std::max<std::int64_t>(1, pictures));
}

double cost_of(const Plan& plan, const Part& part) {
  double rest = copying;
  for (const StreamPlan& stream : plan.output.streams)
    if (stream.action == StreamPlan::Action::encode && stream.input_stream != plan.input.video)
      rest += encoding_sound;
  double cost = part.kind == Part::Kind::segment ? 0 : rest * plan.input.duration_seconds;
  if (part.kind != Part::Kind::rest) cost += pictures_of(plan, part) * largest_picture(plan);
  return std::round(cost * 1000) / 1000;
}

std::int64_t memory_of(const Plan& plan, const Part& part) {
  if (part.kind == Part::Kind::rest) return program_memory;
  const std::int64_t picture = std::max(plan.source.bytes(), plan.output.video.format.bytes());
  const std::int64_t frames = plan.budget.bytes_per_frame * plan.budget.least;
  const std::int64_t all = program_memory + pictures_in_codecs * picture + frames;
  return (all + mebibyte - 1) / mebibyte * mebibyte;
}

PlannedUnit planned(const Plan& plan, const JobKey& key, Part part) {
  PlannedUnit unit{.input = plan.input.name, .output = plan.output_path, .key = key};
  unit.id = SegmentStore(SegmentStore::Shared{}, key).id(part);
  const double tick = plan.source.time_base.value();
  const Segment& s = part.segment;
  const auto seconds = [&](std::int64_t pts) {
    return std::round(static_cast<double>(pts) * tick * 1000) / 1000;
  };
  if (s.begin != Segment::start) unit.from = seconds(s.begin);
  if (s.end != Segment::finish) unit.to = seconds(s.end);
  unit.cost = cost_of(plan, part);
  unit.memory = memory_of(plan, part);
  unit.part = std::move(part);
  return unit;
}

// Where a stretch is open, it says null.
Json time_or_null(std::int64_t time) {
  return time == Segment::start || time == Segment::finish ? Json() : Json(time);
}

Json to_json(const Segment& s) {
  return {{"index", s.index},
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

Segment segment_of(const Json& told) {
  const auto time = [&](const char* name, std::int64_t open) {
    return told.at(name).is_null() ? open : told.at(name).get<std::int64_t>();
  };
  return {.index = told.at("index"),
          .begin = time("begin", Segment::start),
          .end = time("end", Segment::finish),
          .first = time("first", Segment::start),
          .last = time("last", Segment::finish),
          .key_pts = time("key_pts", Segment::start),
          .key_dts = time("key_dts", Segment::start),
          .packets = time("packets", Segment::finish),
          .pictures = told.at("pictures"),
          .weight = told.at("weight")};
}

std::optional<double> seconds_or_none(const Json& told) {
  return told.is_null() ? std::nullopt : std::optional(told.get<double>());
}

PlannedUnit unit_of(const Json& told) {
  PlannedUnit unit{.id = told.at("id"),
                   .input = unescaped(told.at("input")),
                   .output = unescaped(told.at("output")),
                   .key = {told.at("configuration"), told.at("content"), told.at("versions")}};
  const std::string part = told.at("part");
  unit.part.kind = part == "whole"  ? Part::Kind::whole
                   : part == "rest" ? Part::Kind::rest
                                    : Part::Kind::segment;
  if (unit.part.kind == Part::Kind::segment) {
    unit.part.segment = segment_of(told.at("segment"));
    unit.from = seconds_or_none(told.at("from"));
    unit.to = seconds_or_none(told.at("to"));
  }
  unit.cost = told.at("cost");
  unit.memory = told.at("memory");
  return unit;
}

}  // namespace

std::string PlannedUnit::stretch() const {
  if (part.kind != Part::Kind::segment) return name_of(part);
  const auto place = [](const std::optional<double>& seconds, std::string_view open) {
    return seconds ? fmt::format("{:.3f} s", *seconds) : std::string(open);
  };
  return fmt::format("{}, {} to {}", name_of(part), place(from, "the beginning"),
                     place(to, "the end"));
}

std::vector<PlannedUnit> units_of(const Plan& plan, const JobKey& key) {
  if (!plan.is_cut()) return {planned(plan, key, Part{})};
  std::vector<PlannedUnit> units;
  for (const Segment& segment : plan.segments)
    units.push_back(planned(plan, key, part_of(segment)));
  units.push_back(planned(plan, key, rest_part()));
  return units;
}

std::string to_line(const PlannedUnit& unit) {
  const auto seconds = [](const std::optional<double>& s) { return s ? Json(*s) : Json(); };
  Json line = {{"schema", unit_schema},
               {"id", unit.id},
               {"input", escaped(unit.input)},
               {"output", escaped(unit.output)}};
  line["part"] = unit.part.kind == Part::Kind::whole  ? "whole"
                 : unit.part.kind == Part::Kind::rest ? "rest"
                                                      : "segment";
  if (unit.part.kind == Part::Kind::segment) {
    line["from"] = seconds(unit.from);
    line["to"] = seconds(unit.to);
    line["segment"] = to_json(unit.part.segment);
  }
  line["cost"] = unit.cost;
  line["memory"] = unit.memory;
  line["configuration"] = unit.key.configuration;
  line["content"] = unit.key.input;
  line["versions"] = unit.key.versions;
  return line.dump();
}

PlannedUnit unit_of_line(const std::string& line) {
  try {
    const Json told = Json::parse(line);
    if (told.at("schema") != unit_schema)
      fail(Fault::usage, "is of another version of Quadrant; plan again");
    PlannedUnit unit = unit_of(told);
    if (SegmentStore(SegmentStore::Shared{}, unit.key).id(unit.part) != unit.id)
      fail(Fault::usage, "is damaged: it is not what its id says; plan again");
    return unit;
  } catch (const Json::exception&) {
    fail(Fault::usage, "is damaged; plan again");
  }
}

std::vector<std::shared_ptr<const InputShare>> shares_of(const std::vector<PlannedUnit>& all,
                                                         const std::vector<PlannedUnit>& chosen,
                                                         const InputShare& common) {
  std::set<std::string> wanted;
  for (const PlannedUnit& unit : chosen) wanted.insert(unit.id);
  std::vector<std::shared_ptr<InputShare>> shares;
  for (const PlannedUnit& unit : all) {
    if (shares.empty() || shares.back()->key.input != unit.key.input) {
      shares.push_back(std::make_shared<InputShare>(common));
      shares.back()->input = unit.input;
      shares.back()->output = unit.output;
      shares.back()->key = unit.key;
    }
    InputShare& share = *shares.back();
    if (unit.part.kind != Part::Kind::rest) share.segments.push_back(unit.part.segment);
    if (wanted.contains(unit.id)) share.parts.push_back(unit.part);
  }
  std::erase_if(shares, [](const auto& share) { return share->parts.empty(); });
  return {shares.begin(), shares.end()};
}

}  // namespace quadrant
