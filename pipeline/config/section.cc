// SPDX-License-Identifier: MIT
#include "pipeline/config/section.h"

#include <algorithm>

#include "pipeline/config/job_params.h"
#include "pipeline/config/scalars.h"

namespace quadrant {
namespace {

constexpr int most_retries = 100;
constexpr int most_cores = 1024;       // more would only make threads
constexpr double longest_input = 1e7;  // seconds: 115 days
constexpr int most_streams = 9999;
constexpr int most_threads = 64;  // of an encoder; more make the picture worse and hardly faster
constexpr std::string_view encoder_option = "an option of the encoder, by libavcodec's own name";

SectionKey key(Param value, In<SourceLocation> location = {}) {
  SectionKey k{.name = value.name, .help = value.help, .location = std::move(location)};
  k.value = std::move(value);
  return k;
}

SectionKey key(std::string_view name, Section section, std::string_view help,
               In<SourceLocation> location = {}) {
  return {.name = name,
          .help = help,
          .section = std::make_shared<const Section>(std::move(section)),
          .location = std::move(location)};
}

// Paths to the members that the keys below hold.
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
             "encoder threads; they belong to the job, so they never change with the machine")
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
             "least length of the segments, which begin at keyframes and are encoded "
             "independently; belongs "
             "to the job")
      .range(0.1, 86400)
      .unit("seconds");
}

Section video_section() {
  Section section;
  section.keys = {
      key(text_param("codec", video(&VideoSpec::codec),
                     "encoder of libavcodec; auto: the container's usual one"),
          video(&VideoSpec::codec_location)),
      key(text_param("pixel_format", video(&VideoSpec::pixel_format),
                     "pixel format by libavutil's name; auto: the one that loses least"),
          video(&VideoSpec::pixel_format_location)),
      key(text_param(
              "tag", video(&VideoSpec::tag),
              "four characters by which mp4, mov or avi marks the codec (\"hev1\"); auto: the "
              "usual ones"),
          video(&VideoSpec::tag_location)),
      key(threads_param()), key(segment_param(), video(&VideoSpec::segment_location))};
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
  section.keys = {key(std::move(codec)),
                  key(text_param("filter", audio(&AudioSpec::filter),
                                 "chain of libavfilter's audio filters, e.g. loudnorm"),
                      audio(&AudioSpec::filter_location))};
  section.options = audio(&AudioSpec::options);
  section.options_help = encoder_option;
  return section;
}

SectionKey audio_key() {
  using Kind = AudioSpec::Kind;
  SectionKey sound = key("audio", audio_section(),
                         "the sound: copy, none, an encoder to use, or auto: copy what the "
                         "container holds, and encode the rest by its usual encoder",
                         audio(&AudioSpec::location));
  sound.value = worded_param(
      "audio", Param::Type::text, {"copy", "auto", "none"},
      [](const JobSpec& job) {
        switch (job.output.audio.kind) {
          case Kind::copy: return Value(std::string("copy"));
          case Kind::automatic: return Value(std::string("auto"));
          case Kind::none: return Value(std::string("none"));
          case Kind::encode: break;
        }
        return Value(std::string());
      },
      [](JobSpec& job, const Value& v) {
        const std::string& word = std::get<std::string>(v);
        job.output.audio.kind = word == "copy"   ? Kind::copy
                                : word == "auto" ? Kind::automatic
                                                 : Kind::none;
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
                     "where to write; {dir} {stem} {ext} {name} {index} stand for the input's; "
                     "- is standard output"),
          output(&OutputSpec::path_location)),
      key(text_param("container", output(&OutputSpec::container),
                     "muxer of libavformat; auto: by the path's extension"),
          output(&OutputSpec::container_location)),
      key("video", video_section(), "the picture's encoder", video(&VideoSpec::location)),
      audio_key(),
      key(choice_param("subtitles", all_subtitle_rules, output(&OutputSpec::subtitles),
                       "subtitle streams; auto: text that the container cannot hold is converted "
                       "to its own kind")),
      key(copied_param("metadata", output(&OutputSpec::metadata), "tags and chapters")),
      key("options", muxer_section(), "options of the container")};
  return section;
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
             "stop a unit that makes no progress for this long")
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
             "retries for a unit that crashed, stalled or failed temporarily")
      .range(0, most_retries);
}

Param isolate_param() {
  return worded_param(
      "isolate", Param::Type::text, {"none", "process"},
      [](const JobSpec& job) { return Value(std::string(job.run.isolate ? "process" : "none")); },
      [](JobSpec& job, const Value& v) { job.run.isolate = std::get<std::string>(v) == "process"; },
      "process: run each unit in a process of its own, so that a crash or hang affects only that "
      "unit");
}

Param on_damage_param() {
  return worded_param(
      "on_damage", Param::Type::text, {"keep", "fail"},
      [](const JobSpec& job) {
        return Value(std::string(job.run.fail_on_damage ? "fail" : "keep"));
      },
      [](JobSpec& job, const Value& v) {
        job.run.fail_on_damage = std::get<std::string>(v) == "fail";
      },
      "an input that is damaged: keep what could be decoded, up to max_damage, or fail");
}

Param max_damage_param() {
  return worded_param(
             "max_damage", Param::Type::real, {"auto"},
             [](const JobSpec& job) {
               const std::optional<double>& share = job.run.max_damage;
               return share ? Value(*share) : Value(std::string("auto"));
             },
             [](JobSpec& job, const Value& v) {
               const double* share = std::get_if<double>(&v);
               job.run.max_damage = share ? std::optional(*share) : std::nullopt;
             },
             "the share of damaged, undecodable and missing frames above which an input fails; "
             "auto: 10 % of undecodable and missing ones")
      .range(0, 100)
      .unit("percent");
}

Section run_section() {
  SectionKey sbatch{.name = "sbatch",
                    .help = "options for sbatch, used by `quadrant submit`, e.g. --partition=long"};
  sbatch.texts = run(&RunSpec::sbatch);
  Section section;
  section.keys = {
      key(choice_param("mode", all_modes, run(&RunSpec::mode),
                       "how the job runs; it never changes the output")),
      key(counted_param("cores", "all", run(&RunSpec::cores), "number of cores to use")
              .range(1, most_cores)),
      key(counted_param("memory", "auto", run(&RunSpec::memory),
                        "memory of the run, codecs included; auto: a quarter of all for frames")
              .unit("bytes")),
      key(isolate_param()),
      key(retries_param()),
      key(timeout_param()),
      key(counted_param("max_failures", "unlimited", run(&RunSpec::max_failures),
                        "failed inputs after which no further input starts")),
      key(on_damage_param()),
      key(max_damage_param()),
      std::move(sbatch)};
  return section;
}

Param version_param() {
  return worded_param(
             "version", Param::Type::integer, {},
             [](const JobSpec&) { return Value(std::int64_t{1}); }, [](JobSpec&, const Value&) {},
             "version of the configuration language")
      .range(1, 1)
      .required();
}

// The input that is being read. A job without inputs has the defaults.
template <class T>
auto of_input(T Selection::*member) {
  return [member](auto& job) -> auto& {
    static InputSpec none;
    auto& input = job.inputs.empty() ? none : job.inputs.back();
    return input.taken.*member;
  };
}

// The names of the input: `path` of what is read as it is, `sequence` of what becomes one film.
Param name_param(std::string_view name, bool is_sequence, std::string_view help) {
  return worded_param(
      name, Param::Type::text, {},
      [is_sequence](const JobSpec& job) {
        if (job.inputs.empty()) return Value(std::string());
        const InputSpec& input = job.inputs.back();
        const bool is_own = input.taken.joined.empty() && input.taken.is_sequence == is_sequence;
        return Value(is_own ? input.name : std::string());
      },
      [is_sequence](JobSpec& job, const Value& v) {
        job.inputs.back().name = std::get<std::string>(v);
        job.inputs.back().taken.is_sequence = is_sequence;
      },
      help);
}

SectionKey joined_key() {
  SectionKey joined{.name = "concat",
                    .help =
                        "inputs to join, one after the other; each may be a map with start and "
                        "end"};
  joined.inputs = of_input(&Selection::joined);
  return joined;
}

Param start_param() {
  const auto start = of_input(&Selection::start);
  return worded_param(
             "start", Param::Type::real, {}, [start](const JobSpec& job) { return start(job); },
             [start](JobSpec& job, const Value& v) { start(job) = std::get<double>(v); },
             "where to begin, to the frame; 0 is where the input begins")
      .range(0, longest_input)
      .unit(time_unit);
}

Param end_param() {
  const auto end = of_input(&Selection::end);
  return worded_param(
             "end", Param::Type::real, {"none"},
             [end](const JobSpec& job) {
               return end(job) ? Value(*end(job)) : Value(std::string("none"));
             },
             [end](JobSpec& job, const Value& v) {
               const double* seconds = std::get_if<double>(&v);
               end(job) = seconds ? std::optional(*seconds) : std::nullopt;
             },
             "where to end: the first moment that is not taken; none: the input's end")
      .range(0, longest_input)
      .unit(time_unit);
}

Param video_stream_param() {
  const auto video = of_input(&Selection::video);
  return worded_param(
             "video", Param::Type::integer, {"auto"},
             [video](const JobSpec& job) {
               return video(job) ? Value(std::int64_t{*video(job)}) : Value(std::string("auto"));
             },
             [video](JobSpec& job, const Value& v) {
               const std::int64_t* number = std::get_if<std::int64_t>(&v);
               video(job) = number ? std::optional(static_cast<int>(*number)) : std::nullopt;
             },
             "the video stream to process, by the number that `quadrant probe` shows; auto: the "
             "largest")
      .range(0, most_streams);
}

SectionKey streams_key(std::string_view name, std::vector<std::string> Selection::*member,
                       std::string_view help) {
  SectionKey streams{.name = name, .help = help};
  streams.texts = of_input(member);
  return streams;
}

Section make_input_section() {
  return {
      .keys = {key(name_param("path", false,
                              "a file, glob, URL, image sequence, or - for standard input")),
               key(name_param("sequence", true,
                              "pictures as one film: a glob, or a pattern with a number")),
               joined_key(), key(start_param()), key(end_param()), key(video_stream_param()),
               streams_key("audio", &Selection::audio,
                           "sound streams to take, by number or language; none: no sound"),
               streams_key("subtitles", &Selection::subtitles,
                           "subtitle streams to take, by number or language; none: none"),
               key(choice_param("order", all_picture_orders, of_input(&Selection::order),
                                "of a sequence: by name, numbers as numbers, or by the time at "
                                "which each picture was taken")),
               key(choice_param("missing", all_missing_pictures, of_input(&Selection::missing),
                                "of a sequence whose numbers have holes: fail, skip them, or "
                                "repeat the picture before")),
               key(text_param("rate", of_input(&Selection::rate),
                              "pictures a second of a sequence or of raw video, as 25, 29.97 or "
                              "30000/1001; 25, if not given")),
               key(text_param("format", of_input(&Selection::format),
                              "demuxer of libavformat, for bytes that do not tell what they "
                              "are; rawvideo: pictures without any header")),
               key(text_param("size", of_input(&Selection::size),
                              "width and height of raw video, as 640x360")),
               key(text_param("pixel_format", of_input(&Selection::pixel_format),
                              "pixel format of raw video by libavutil's name; yuv420p, if not "
                              "given"))}};
}

Param speed_param() {
  return worded_param(
             "speed", Param::Type::real, {}, [](const JobSpec& job) { return Value(job.speed); },
             [](JobSpec& job, const Value& v) { job.speed = std::get<double>(v); },
             "how fast the input plays, picture and sound: 2 is twice as fast, 0.5 half; sound is "
             "encoded anew and keeps its pitch")
      .range(0.1, 100);
}

Section make_job_section() {
  SectionKey input{.name = "input",
                   .help =
                       "files, globs, URLs, image sequences; a map takes a part of one, or "
                       "makes one of several"};
  input.inputs = at(&JobSpec::inputs);
  SectionKey stages{.name = "stages", .help = "stages that process each frame, in this order"};
  stages.is_stages = true;
  return {.keys = {key(version_param()), std::move(input),
                   key(choice_param("on_change", all_on_change, at(&JobSpec::on_change),
                                    "what becomes of pictures of another size or sample aspect "
                                    "ratio than the first: fit with bars, fill and cut off, "
                                    "stretch, or fail")),
                   key(choice_param("orientation", all_orientation_rules, at(&JobSpec::orientation),
                                    "of a picture that is stored turned or mirrored: keep, or "
                                    "apply before the first stage; auto: keep where the output "
                                    "can tell it")),
                   key(speed_param()), key("output", output_section(), "what to write, and how"),
                   key("run", run_section(), "how the job runs; it never changes the output"),
                   std::move(stages)}};
}

}  // namespace

const Section& job_section() {
  static const Section section = make_job_section();
  return section;
}

const Section& input_section() {
  static const Section section = make_input_section();
  return section;
}

const SectionKey* find_key(const Section& section, std::string_view name) {
  const auto found = std::ranges::find(section.keys, name, &SectionKey::name);
  return found == section.keys.end() ? nullptr : &*found;
}

}  // namespace quadrant
