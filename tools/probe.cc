// SPDX-License-Identifier: MIT
// quadrant probe: the contents of a file, as the planner sees them.
#include <iostream>
#include <nlohmann/json.hpp>

#include "pipeline/config/job_spec.h"
#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/error.h"
#include "pipeline/media/allowed.h"
#include "pipeline/media/input.h"
#include "pipeline/observe/terminal.h"
#include "tools/command.h"
#include "tools/job_options.h"

namespace quadrant {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const StreamInfo& s) {
  ordered_json json = {{"index", s.index},
                       {"kind", name_of(s.kind)},
                       {"codec", s.codec},
                       {"profile", s.profile},
                       {"start_seconds", s.start_seconds},
                       {"duration_seconds", s.duration_seconds},
                       {"bit_rate", s.bit_rate}};
  if (s.kind == StreamKind::video || s.kind == StreamKind::cover)
    json.update({{"pixel_format", s.format.pixels.name()},
                 {"width", s.format.width},
                 {"height", s.format.height},
                 {"sample_aspect", {s.format.sample_aspect.num, s.format.sample_aspect.den}},
                 {"frame_rate", {s.format.frame_rate.num, s.format.frame_rate.den}},
                 {"time_base", {s.format.time_base.num, s.format.time_base.den}},
                 {"frames", s.frames},
                 {"rotation", s.rotation},
                 {"interlaced", s.format.interlaced()},
                 {"colour",
                  {{"range", s.format.colour.range},
                   {"primaries", s.format.colour.primaries},
                   {"transfer", s.format.colour.transfer},
                   {"matrix", s.format.colour.matrix},
                   {"chroma_location", s.format.colour.chroma_location}}}});
  if (s.kind == StreamKind::audio)
    json.update({{"sample_rate", s.sample_rate}, {"channels", s.channels}});
  json["metadata"] = s.metadata;
  return json;
}

ordered_json to_json(const InputInfo& info) {
  ordered_json streams = ordered_json::array();
  for (const StreamInfo& s : info.streams) streams.push_back(to_json(s));
  return {{"input", info.name},
          {"container", info.container},
          {"start_seconds", info.start_seconds},
          {"duration_seconds", info.duration_seconds},
          {"bit_rate", info.bit_rate},
          {"expected_frames", info.expected_frames()},
          {"processed_stream", info.video},
          {"chapters", info.chapters},
          {"metadata", info.metadata},
          {"streams", streams}};
}

void print(const InputInfo& info) {
  std::cout << fmt::format("{}: {}, starts at {:.3f} s, {:.3f} s long, {}\n", printable(info.name),
                           info.container, info.start_seconds, info.duration_seconds,
                           counted(info.chapters, "chapter"));
  for (const StreamInfo& s : info.streams)
    std::cout << "  " << printable(s.describe()) << (s.index == info.video ? "  <- processed" : "")
              << '\n';
}

int probe(const std::vector<std::string>& inputs, bool json) {
  const StopFlag never;
  int code = all_done;
  ordered_json all = ordered_json::array();
  for (const std::string& name : inputs) {
    try {
      const Input input(read_input(name), never);
      json ? all.push_back(to_json(input.info())) : print(input.info());
    } catch (const Error& error) {
      std::cerr << in_red("failed:") << ' ' << printable_lines(error.what()) << '\n';
      if (json) all.push_back({{"input", name}, {"error", error.what()}});
      code = some_failed;
    }
  }
  if (json) std::cout << all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  return code;
}

}  // namespace

Command probe_command() {
  auto inputs = std::make_shared<std::vector<std::string>>();
  auto json = std::make_shared<bool>(false);
  auto allowed = std::make_shared<std::vector<std::string>>();
  return {"probe",
          "show the streams and properties of a file",
          {{.names = "INPUT", .value = inputs.get(), .help = "files or URLs", .required = true},
           {"--json", json.get(), "print JSON"},
           allow_option(*allowed)},
          [inputs, json, allowed] {
            allow(*allowed);
            return probe(*inputs, *json);
          }};
}

}  // namespace quadrant
