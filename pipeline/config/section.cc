// SPDX-License-Identifier: MIT
#include "pipeline/config/section.h"

#include <algorithm>

#include "pipeline/config/job_params.h"

namespace quadrant {
namespace {

constexpr int most_retries = 100;
constexpr int most_threads = 64;  // of an encoder; more make the picture worse and hardly faster
constexpr std::string_view encoder_option = "an option of the encoder, by libavcodec's own name";

SectionKey key(Param value, In<Place> place = {}) {
  SectionKey k{.name = value.name, .help = value.help, .place = std::move(place)};
  k.value = std::move(value);
  return k;
}

SectionKey key(std::string_view name, Section section, std::string_view help,
               In<Place> place = {}) {
  return {.name = name,
          .help = help,
          .section = std::make_shared<const Section>(std::move(section)),
          .place = std::move(place)};
}

// The ways to what the keys below hold.
template <class... Members>
auto output(Members... members) {
  return at(&JobSpec::output, members...);
}
template <class... Members>
auto video(Members... members) {
  return output(&OutputSpec::video, members...);
}
template <class... Members>
auto audio(Members... members) {
  return output(&OutputSpec::audio, members...);
}
template <class... Members>
auto run(Members... members) {
  return at(&JobSpec::run, members...);
}

Param threads_param() {
  return worded_param(
             "threads", Param::Type::integer, {"auto"},
             [](const JobSpec& job) {
               const std::optional<int>& threads = job.output.video.threads;
               return threads ? Value(std::int64_t{*threads}) : Value(std::string("auto"));
             },
             [](JobSpec& job, const Value& v) {
               const std::int64_t* count = std::get_if<std::int64_t>(&v);
               job.output.video.threads =
                   count ? std::optional(static_cast<int>(*count)) : std::nullopt;
             },
             "threads of the encoder; part of the job, so it never changes with the machine")
      .range(1, most_threads);
}

Param segment_param() {
  return worded_param(
             "segment", Param::Type::real, {"auto", "none"},
             [](const JobSpec& job) -> Value {
               const std::optional<double>& seconds = job.output.video.segment_seconds;
               if (!seconds) return std::string("auto");
               return *seconds > 0 ? Value(*seconds) : Value(std::string("none"));
             },
             [](JobSpec& job, const Value& v) {
               const double* seconds = std::get_if<double>(&v);
               const bool is_auto = !seconds && std::get<std::string>(v) == "auto";
               job.output.video.segment_seconds =
                   is_auto ? std::nullopt : std::optional(seconds ? *seconds : 0.0);
             },
             "length of the stretches that are encoded on their own; part of the job")
      .range(0.1, 86400)
      .unit("seconds");
}

Section video_section() {
  Section section;
  section.keys = {
      key(text_param("codec", video(&VideoSpec::codec),
                     "encoder of libavcodec; auto: the container's usual one"),
          video(&VideoSpec::codec_place)),
      key(text_param("pixel_format", video(&VideoSpec::pixel_format),
                     "pixel format by libavutil's name; auto: the one that loses least"),
          video(&VideoSpec::pixel_format_place)),
      key(threads_param()), key(segment_param(), video(&VideoSpec::segment_place))};
  section.options = video(&VideoSpec::options);
  section.options_help = encoder_option;
  return section;
}

Section audio_section() {
  Param codec = text_param("codec", audio(&AudioSpec::codec), "encoder of libavcodec").required();
  codec.set = [set = codec.set](Configurable& c, const Value& v) {
    static_cast<JobBox&>(c).job.output.audio.kind = AudioSpec::Kind::encode;
    set(c, v);
  };
  Section section;
  section.keys.push_back(key(std::move(codec)));
  section.options = audio(&AudioSpec::options);
  section.options_help = encoder_option;
  return section;
}

SectionKey audio_key() {
  SectionKey sound = key("audio", audio_section(), "the sound: copy, none, or an encoder to use",
                         audio(&AudioSpec::place));
  sound.value = worded_param(
      "audio", Param::Type::text, {"copy", "none"},
      [](const JobSpec& job) {
        using Kind = AudioSpec::Kind;
        const Kind kind = job.output.audio.kind;
        return Value(std::string(kind == Kind::copy ? "copy" : kind == Kind::none ? "none" : ""));
      },
      [](JobSpec& job, const Value& v) {
        const bool is_copy = std::get<std::string>(v) == "copy";
        job.output.audio.kind = is_copy ? AudioSpec::Kind::copy : AudioSpec::Kind::none;
      },
      sound.help);
  return sound;
}

Section muxer_section() {
  Section section;
  section.options = output(&OutputSpec::options);
  section.options_help = "an option of the container, by libavformat's own name";
  return section;
}

Section output_section() {
  Section section;
  section.keys = {
      key(text_param("path", output(&OutputSpec::path),
                     "where to write; {dir} {stem} {ext} {name} {index} stand for the input's"),
          output(&OutputSpec::path_place)),
      key(text_param("container", output(&OutputSpec::container),
                     "muxer of libavformat; auto: by the path's extension"),
          output(&OutputSpec::container_place)),
      key("video", video_section(), "the picture's encoder", video(&VideoSpec::place)),
      audio_key(),
      key(copied_param("subtitles", output(&OutputSpec::subtitles), "subtitle streams")),
      key(copied_param("metadata", output(&OutputSpec::metadata), "tags and chapters")),
      key("options", muxer_section(), "options of the container")};
  return section;
}

Param mode_param() {
  Param mode = worded_param(
      "mode", Param::Type::text, {},
      [](const JobSpec& job) { return Value(std::string(name_of(job.run.mode))); },
      [](JobSpec& job, const Value& v) { job.run.mode = *mode_named(std::get<std::string>(v)); },
      "how the job is executed; never changes what is computed");
  for (Mode each : all_modes) mode.choices.emplace_back(name_of(each));
  return mode;
}

Param timeout_param() {
  return worded_param(
             "timeout", Param::Type::real, {"none"},
             [](const JobSpec& job) {
               return job.run.timeout > 0 ? Value(job.run.timeout) : Value(std::string("none"));
             },
             [](JobSpec& job, const Value& v) {
               const double* seconds = std::get_if<double>(&v);
               job.run.timeout = seconds ? *seconds : 0;
             },
             "a unit that makes no progress for so long is ended")
      .range(0.1, 86400)
      .unit("seconds");
}

Param retries_param() {
  return worded_param(
             "retries", Param::Type::integer, {},
             [](const JobSpec& job) { return Value(std::int64_t{job.run.retries}); },
             [](JobSpec& job, const Value& v) {
               job.run.retries = static_cast<int>(std::get<std::int64_t>(v));
             },
             "how often a unit is tried again that crashed, stood still, or met a fault that may "
             "pass")
      .range(0, most_retries);
}

Param isolate_param() {
  return worded_param(
      "isolate", Param::Type::text, {"none", "process"},
      [](const JobSpec& job) { return Value(std::string(job.run.isolate ? "process" : "none")); },
      [](JobSpec& job, const Value& v) { job.run.isolate = std::get<std::string>(v) == "process"; },
      "process: each unit in a process of its own, so that a crash or a hang takes that unit only");
}

Section run_section() {
  SectionKey sbatch{.name = "sbatch",
                    .help = "options of sbatch for `quadrant submit`, as --partition=long"};
  sbatch.texts = run(&RunSpec::sbatch);
  Section section;
  section.keys = {
      key(mode_param()),
      key(counted_param("cores", "all", run(&RunSpec::cores), "how many cores may work at once")),
      key(counted_param("memory", "auto", run(&RunSpec::memory),
                        "for frames in flight; auto: a quarter of what is available")
              .unit("bytes")),
      key(isolate_param()),
      key(retries_param()),
      key(timeout_param()),
      key(counted_param("max_failures", "unlimited", run(&RunSpec::max_failures),
                        "failed inputs until no further one is begun")),
      std::move(sbatch)};
  return section;
}

Param version_param() {
  return worded_param(
             "version", Param::Type::integer, {},
             [](const JobSpec&) { return Value(std::int64_t{1}); }, [](JobSpec&, const Value&) {},
             "version of this configuration's language")
      .range(1, 1)
      .required();
}

Section make_job_section() {
  SectionKey input{.name = "input", .help = "files, globs, URLs, image sequences"};
  input.texts = at(&JobSpec::inputs);
  SectionKey stages{.name = "stages", .help = "what is done to each frame, in this order"};
  stages.is_stages = true;
  return {
      .keys = {key(version_param()), std::move(input),
               key("output", output_section(), "what is written, and how"),
               key("run", run_section(), "how the job is executed; no part of what is computed"),
               std::move(stages)}};
}

}  // namespace

const Section& job_section() {
  static const Section section = make_job_section();
  return section;
}

const SectionKey* find_key(const Section& section, std::string_view name) {
  const auto found = std::ranges::find(section.keys, name, &SectionKey::name);
  return found == section.keys.end() ? nullptr : &*found;
}

}  // namespace quadrant
