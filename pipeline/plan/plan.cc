// SPDX-License-Identifier: MIT
#include "pipeline/plan/plan.h"

#include <algorithm>
#include <cmath>

#include "pipeline/contract/stage.h"
#include "pipeline/counted.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/standard_output.h"
#include "pipeline/plan/bounds.h"
#include "pipeline/plan/choose.h"
#include "pipeline/plan/memory.h"
#include "pipeline/plan/segments.h"
#include "pipeline/plan/steps.h"
#include "pipeline/plan/turning.h"

namespace quadrant {
namespace {

// Runs `check` and adds the location in the configuration to its errors.
template <class F>
auto at(const SourceLocation& location, F check) {
  try {
    return check();
  } catch (const Error& error) {
    location.fail(error.what(), error.fault());
  }
}

Options checked(const std::vector<LibavOption>& options, const std::string& owner,
                void (*check)(const std::string&, const std::string&, const std::string&)) {
  Options result;
  for (const LibavOption& o : options) {
    at(o.location, [&] { check(owner, o.name, o.value); });
    result.emplace_back(libav_option_name(o.name), o.value);
  }
  return result;
}

bool waits(const std::vector<Step>& steps) {
  return std::ranges::any_of(steps,
                             [](const Step& s) { return s.processing == Processing::async; });
}

std::string in_mebibytes(std::int64_t bytes) {
  constexpr std::int64_t mebibyte = 1 << 20;
  return std::to_string((bytes + mebibyte - 1) / mebibyte);
}

// Where the memory was asked for, it holds the program and the codecs, too.
void check_memory(const Plan& plan, const FrameBudget& budget) {
  const std::int64_t needed = program_memory + budget.least_bytes();
  if (!plan.resources.holds_all || plan.resources.memory >= needed) return;
  fail(Fault::input,
       "{}: {} MiB of memory are too little, about {} are needed: {} for the program, {} for the "
       "decoder and {}, {} for {}; take --memory {}M, or an encoder that looks less far ahead",
       plan.input.name, plan.resources.memory >> 20, in_mebibytes(needed),
       in_mebibytes(program_memory), in_mebibytes(budget.codecs), plan.output.video.encoder,
       in_mebibytes(budget.least_bytes() - budget.codecs), counted(budget.least, "frame"),
       in_mebibytes(needed));
}

std::int64_t memory_for_frames(const Plan& plan, const FrameBudget& budget) {
  return plan.resources.holds_all ? plan.resources.memory - program_memory - budget.codecs
                                  : plan.resources.memory;
}

FrameBudget plan_budget(const Plan& plan) {
  FrameBudget budget;
  budget.codecs = codec_memory(plan);
  const std::int64_t source = plan.source.bytes();
  budget.bytes_per_frame = source;
  int windows = 0, makers = 0;
  for (const Step& step : plan.steps) {
    budget.bytes_per_frame =
        std::max(budget.bytes_per_frame, source + step.in().bytes() + step.out().bytes());
    windows += step.past + step.future;
    makers += step.processing == Processing::stream && step.order == Order::in_order;
  }
  budget.least = windows + 2;
  int wanted = frames_in_progress(plan.mode, plan.resources.cores, waits(plan.steps)) + windows;
  if (plan.resources.in_flight > 0)
    wanted = std::min(wanted, std::max(plan.resources.in_flight + windows, budget.least));
  check_memory(plan, budget);
  const auto affordable =
      memory_for_frames(plan, budget) / std::max<std::int64_t>(1, budget.bytes_per_frame);
  // A stage that makes many frames of one begins some beyond those that are read.
  const std::int64_t beyond = is_graph(plan.mode) ? makers * budget.least : 0;
  const std::int64_t read =
      std::max(affordable - beyond, std::min<std::int64_t>(affordable, budget.least));
  budget.frames = static_cast<int>(std::min<std::int64_t>(wanted, read));
  if (wanted > windows + 1 && budget.frames < budget.least)
    fail(Fault::input,
         "{}: {} MiB is too little for {} in progress of {:.1f} MiB each; raise --memory "
         "or take mode sequential",
         plan.input.name, plan.resources.memory >> 20, counted(budget.least, "frame"),
         static_cast<double>(budget.bytes_per_frame) / (1 << 20));
  budget.frames = std::max(budget.frames, 1);
  return budget;
}

// In a cut input the segments scale, and one thread per encoder costs least. A pipe is mostly
// waiting, and several pipes should not compete through their encoders' threads.
OutputRequest settled(OutputRequest request, const Plan& plan, const Input& input) {
  request.pixels_named =
      !plan.steps.empty() && plan.steps.back().stages.back().stage->names_its_format();
  if (!request.video_threads && (plan.is_cut() || !input.is_seekable())) request.video_threads = 1;
  return request;
}

void check_input(const InputInfo& input) {
  if (input.video < 0) fail(Fault::input, "{}: has no video stream to process", input.name);
  if (const std::string& why = input.video_stream().undecodable; !why.empty())
    fail(Fault::input, "{}: video stream #{}: {}", input.name, input.video, why);
  const Format& f = input.video_stream().format;
  if (f.pixels.none() || f.width <= 0 || f.height <= 0)
    fail(Fault::input, "{}: the size or pixel format of video stream #{} cannot be determined; {}",
         input.name, input.video,
         input.name == "-" && input.container.starts_with("mov")
             ? "an MP4 with its index at the end cannot be read from a pipe: name the file, or "
               "write it with -movflags +faststart"
             : "the file may be damaged");
}

// If a stage keeps all frames, only the planner can bound the memory (law 3).
void check_kept_frames(const Plan& plan, const PlannedStage& s) {
  const std::int64_t frames = plan.input.expected_frames(), bytes = frames * s.in.bytes();
  if (bytes > plan.resources.memory)
    fail(Fault::input,
         "{}: {} keeps all {} of the input, {} MiB, and {} MiB are allowed; raise --memory "
         "or cut the input",
         plan.input.name, s.name, counted(frames, "frame"), bytes >> 20,
         plan.resources.memory >> 20);
}

void check_kept_frames(const Plan& plan) {
  for (const Step& step : plan.steps)
    for (const PlannedStage& s : step.stages)
      if (s.stage->keeps_all_frames()) check_kept_frames(plan, s);
}

std::string note_of_kept_frames(const Plan& plan, const PlannedStage& s) {
  const bool is_unknown = plan.input.expected_frames() == 0;
  return fmt::format("{}: keeps all frames until the input ends{}", s.name,
                     is_unknown ? ", and their number is unknown, so memory is unbounded" : "");
}

void add_notes_of_stages(Plan& plan) {
  for (const Step& step : plan.steps)
    for (const PlannedStage& s : step.stages) {
      if (s.stage->keeps_all_frames()) plan.notes.push_back(note_of_kept_frames(plan, s));
      for (const std::string& note : s.stage->notes()) plan.notes.push_back(s.name + ": " + note);
    }
}

void add_notes(Plan& plan) {
  const bool processed = !plan.steps.empty();
  if (plan.source.interlaced() && processed && !plan.steps.back().out().deinterlaced)
    plan.notes.push_back(
        "the input is interlaced: stages see both fields as one picture; put `- deinterlace` "
        "first to make whole pictures of them");
  if (const auto note = orientation_note(plan)) plan.notes.push_back(*note);
  if (plan.input.speed != 1)
    plan.notes.push_back(
        fmt::format("plays at {:g} times its speed, {:.6g} frames per second; `- fps: RATE` drops "
                    "or repeats frames",
                    plan.input.speed, plan.source.frame_rate.value()));
}

// Filters that compute in RGB or 4:4:4 do not change what the output is, unless the job asks for
// it, or the encoder does not take the input's pixel format anyway.
bool goes_back(const OutputRequest& request, const Format& source) {
  return request.pixel_format == "auto" &&
         choose_pixel_format(request.video_encoder, "auto", source) == source.pixels;
}

std::vector<Step> steps_of(const JobSpec& job, const Plan& plan, const OutputRequest& request) {
  const int matrix = request.matrix();
  const bool back = goes_back(request, plan.source);
  if (!plan.turned_first) return plan_steps(job.stages, plan.source, matrix, back);
  std::vector<StageSpec> stages =
      turning_stages(job.turning, *plan.input.video_stream().orientation);
  stages.insert(stages.end(), job.stages.begin(), job.stages.end());
  return plan_steps(stages, plan.source, matrix, back);
}

Plan plan_with(const JobSpec& job, const Input& input, const OutputRequest& request,
               const std::string& output_path, Mode wanted, const Resources& resources,
               const std::vector<Segment>& segments, bool turns_first) {
  Plan plan;
  plan.input = input.info();
  plan.output_path = output_path;
  plan.resources = resources;
  plan.source = plan.input.video_stream().format;
  plan.source.end_seconds = plan.input.end_of_video();
  plan.on_change = job.on_change;
  plan.turned_first = turns_first;
  plan.steps = steps_of(job, plan, request);
  Format result = plan.steps.empty() ? plan.source : plan.steps.back().out();
  result.turned = result.turned || turns_first;  // if only mirrored
  // From here on the stages and the formats between them are settled.
  plan.segments = segments;
  if (segments.empty()) plan_segments(plan, job, input, request);
  const ModeChoice choice = choose_mode(wanted, plan);
  plan.output = plan_output(input, settled(request, plan, input), result, output_path);
  const Format& wanted_format = plan.output.video.format;
  if (!wanted_format.same_picture(result) ||
      (request.matrix() != Colour().matrix && !wanted_format.same_matrix(result)))
    std::ranges::move(conversion_steps(result, wanted_format), std::back_inserter(plan.steps));
  check_kept_frames(plan);
  settle_mode(plan, choice);
  plan.losses = plan.input.losses;
  plan.losses.insert(plan.losses.end(), plan.output.losses.begin(), plan.output.losses.end());
  if (const auto lost = lost_mirroring(plan)) plan.losses.push_back(*lost);
  plan.notes.insert(plan.notes.end(), plan.output.notes.begin(), plan.output.notes.end());
  add_notes_of_stages(plan);
  add_notes(plan);
  return plan;
}

}  // namespace

OutputRequest resolve_output(const OutputSpec& spec, const std::string& path) {
  OutputRequest request;
  const SourceLocation& where =
      spec.container == "auto" ? spec.path_location : spec.container_location;
  request.container = at(where, [&] { return container_for(path, spec.container); });
  request.video_encoder = at(spec.video.codec_location, [&] {
    return encoder_named(spec.video.codec, StreamKind::video, request.container, path);
  });
  request.sequence = makes_sequence(spec.path);
  request.pixel_format = spec.video.pixel_format;
  if (request.pixel_format != "auto")
    at(spec.video.pixel_format_location,
       [&] { check_pixel_format(request.video_encoder, request.pixel_format); });
  if (spec.video.tag != "auto")
    request.video_tag = at(spec.video.tag_location, [&] {
      return codec_tag_named(spec.video.tag, request.container, request.video_encoder);
    });
  request.video_threads = spec.video.threads;
  request.video_options = checked(spec.video.options, request.video_encoder, check_encoder_option);
  request.convert_audio = spec.audio.kind == AudioSpec::Kind::automatic;
  request.copy_audio = spec.audio.kind == AudioSpec::Kind::copy || request.convert_audio;
  if (spec.audio.kind == AudioSpec::Kind::encode) {
    request.audio_encoder = at(spec.audio.location, [&] {
      return encoder_named(spec.audio.codec.empty() ? "auto" : spec.audio.codec, StreamKind::audio,
                           request.container, path);
    });
    request.audio_filter = spec.audio.filter;
    if (!spec.audio.filter.empty())
      at(spec.audio.filter_location, [&] { check_audio_filter(spec.audio.filter); });
    request.audio_options =
        checked(spec.audio.options, request.audio_encoder, check_encoder_option);
  }
  request.copy_subtitles = spec.subtitles != SubtitleRule::none;
  request.convert_subtitles = spec.subtitles == SubtitleRule::automatic;
  request.keep_metadata = spec.metadata;
  request.muxer_options = checked(spec.options, request.container, check_muxer_option);
  if (is_standard_output(path) && !writes_nothing(request.container))
    at(where, [&] { check_streamable(request.container, request.muxer_options); });
  return request;
}

Rational Plan::result_time_base() const {
  return steps.empty() ? source.time_base : steps.back().out().time_base;
}

Segment shown_segment(const Plan& plan, const Segment& segment) {
  return in_ticks_of(segment, plan.source.time_base, plan.result_time_base());
}

Plan make_plan(const JobSpec& job, const Input& input, const OutputRequest& request,
               const std::string& output_path, Mode wanted, const Resources& resources,
               const std::vector<Segment>& segments) {
  check_input(input.info());
  const auto plan_it = [&](bool turns_first, const std::vector<Segment>& at) {
    return plan_with(job, input, request, output_path, wanted, resources, at, turns_first);
  };
  const bool can_turn = input.info().video_stream().orientation.has_value();
  Plan plan = plan_it(can_turn && job.orientation == OrientationRule::apply, segments);
  const bool is_due = job.orientation == OrientationRule::automatic && can_turn;
  return is_due && plan.output.loses_orientation ? plan_it(true, plan.segments) : plan;
}

void settle_mode(Plan& plan, const ModeChoice& choice) {
  const auto take = [&plan](const ModeChoice& taken) {
    plan.mode = taken.mode;
    plan.mode_reason = taken.reason;
    plan.budget = plan_budget(plan);
  };
  take(choice);
  if (!choice.is_automatic || !plan.resources.holds_all) return;
  if (const auto other = choice_for_memory(plan)) take(*other);
}

}  // namespace quadrant
