// SPDX-License-Identifier: MIT
#include "pipeline/media/output_plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <map>

extern "C" {
#include <libavutil/avstring.h>
}

#include "pipeline/contract/frame.h"
#include "pipeline/counted.h"
#include "pipeline/media/decode.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/first_picture.h"
#include "pipeline/media/losses.h"
#include "pipeline/media/mux.h"
#include "pipeline/media/mux_streams.h"
#include "pipeline/media/reproducible.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/subtitle.h"
#include "pipeline/media/transcoder.h"
#include "pipeline/media/trial.h"

namespace quadrant {
namespace {

// GIF has no other way to tell it than its pictures, so they are decoded: all, if it is opaque.
bool is_opaque_gif(const Input& input) {
  std::error_code ignored;
  if (!input.info().taken.joined.empty() ||
      !std::filesystem::is_regular_file(input.info().name, ignored))
    return false;
  Input again(input.info().name, input.stop());
  Decoder decoder(again);
  bool opaque = true;
  const auto look = [&](const Frame& frame) { opaque = opaque && is_opaque(*frame.av()); };
  for (Packet packet = again.read(); packet && opaque; packet = again.read())
    if (packet.stream() == again.info().video) decoder.decode(packet, look);
  decoder.decode({}, look);
  return opaque;
}

// Is no sample of the whole input transparent, though its format has alpha? Its first picture is
// opaque. Of a palette that says enough, except of PNG's: other codecs know no alpha in it.
bool stays_opaque(const Input& input) {
  const InputInfo& info = input.info();
  const StreamInfo& video = info.video_stream();
  if (info.is_one_picture()) return true;
  if (video.format.pixels.value() == AV_PIX_FMT_PAL8) return !video.codec.ends_with("png");
  return video.codec == "gif" && is_opaque_gif(input);
}

// A wish for 8 bits seldom means that.
void tell_bands(const Format& result, const VideoEncoding& video, OutputPlan& plan) {
  const bool hdr = av::is_hdr(static_cast<AVColorTransferCharacteristic>(result.colour.transfer));
  if (hdr && result.pixels.depth() > 8 && video.format.pixels.depth() <= 8)
    plan.losses.push_back(
        fmt::format("{} of {} bits a sample of HDR: {} shows bands in it; a pixel_format of 10 "
                    "bits, such as yuv420p10le, keeps them",
                    result.pixels.depth() - video.format.pixels.depth(), result.pixels.depth(),
                    video.format.pixels.name()));
}

// What is lost on request is not a loss.
void plan_conversion(const Input& input, const OutputRequest& request, const Format& result,
                     const VideoEncoding& video, OutputPlan& plan) {
  const std::string to = video.format.pixels.name();
  if (request.pixel_format != "auto") {
    plan.notes.push_back(
        fmt::format("{} converted to {}, as pixel_format says", result.pixels.name(), to));
    tell_bands(result, video, plan);
    return;
  }
  plan.notes.push_back(
      fmt::format("{} does not take {}: converted to {}", video.encoder, result.pixels.name(), to));
  const bool drops_alpha = result.pixels.has_alpha() && !video.format.pixels.has_alpha();
  const bool opaque = drops_alpha && result.opaque && stays_opaque(input);
  std::ranges::move(lost_of_samples(result, video, opaque), std::back_inserter(plan.losses));
}

// Pictures are RGB or 4:4:4 as a rule, and players of films show no other H.264 than 4:2:0.
// Encoders refuse odd sizes in it.
bool becomes_film(const Input& input, const OutputRequest& request, const Format& result,
                  PixelFormat chosen) {
  constexpr std::array films = {AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_VP9,
                                AV_CODEC_ID_AV1};
  const PixelFormat film = PixelFormat::named("yuv420p");
  const std::vector<PixelFormat> taken = pixel_formats_of(request.video_encoder);
  const bool is_film = chosen.has_chroma() && chosen.depth() == 8 &&
                       chosen.log2_chroma_width() == 1 && chosen.log2_chroma_height() == 1;
  return input.info().is_of_pictures() && request.pixel_format == "auto" && !request.pixels_named &&
         result.width % 2 == 0 && result.height % 2 == 0 && !is_film && !chosen.has_alpha() &&
         !makes_images(request.container) && request.container != "gif" &&
         std::ranges::find(films,
                           avcodec_find_encoder_by_name(request.video_encoder.c_str())->id) !=
             films.end() &&
         std::ranges::find(taken, film) != taken.end();
}

void make_film(const Input& input, const Format& result, VideoEncoding& video, OutputPlan& plan) {
  video.format = result.as(PixelFormat::named("yuv420p"));
  video.format.colour.range = AVCOL_RANGE_MPEG;
  plan.notes.push_back(fmt::format(
      "pictures of {} become {}, which players of films show; output.video.pixel_format "
      "names another",
      result.pixels.name(), video.format.pixels.name()));
  const bool drops_alpha = result.pixels.has_alpha() && !(result.opaque && stays_opaque(input));
  if (drops_alpha)
    plan.losses.push_back(fmt::format("alpha: {} takes no {}, it gets {}", video.encoder,
                                      result.pixels.name(), video.format.pixels.name()));
  tell_bands(result, video, plan);
}

VideoEncoding plan_video(const Input& input, const OutputRequest& request, const Format& result,
                         OutputPlan& plan) {
  const PixelFormat pixels =
      choose_pixel_format(request.video_encoder, request.pixel_format, result);
  VideoEncoding video{request.video_encoder, result.as(pixels), 1, request.video_options};
  video.tag = request.video_tag;
  if (needs_full_range(request.video_encoder)) video.format.colour.range = AVCOL_RANGE_JPEG;
  if (is_always_bt601(request.video_encoder) && result.pixels.is_rgb())
    video.format.colour.matrix = AVCOL_SPC_BT470BG;
  const bool is_film = becomes_film(input, request, result, pixels);
  if (is_film) make_film(input, result, video, plan);
  if (pixels == result.pixels && !is_film && video.format.full_range() != result.full_range())
    plan.notes.push_back(fmt::format("{} needs full range: converted", video.encoder));
  if (request.matrix() != AVCOL_SPC_UNSPECIFIED && !video.format.pixels.is_rgb()) {
    video.format.colour.matrix = request.matrix();
    if (!video.format.same_matrix(result))
      plan.notes.push_back(fmt::format("{} pictures are BT.601: converted", video.encoder));
  }
  if (pixels != result.pixels && !is_film) plan_conversion(input, request, result, video, plan);
  const int wanted = request.video_threads.value_or(automatic_threads(result));
  video.threads = reproducible_threads(video.encoder, wanted, request.video_options);
  if (request.video_threads && video.threads != wanted)
    plan.notes.push_back(
        fmt::format("{} writes other bytes in every run with {} and these "
                    "options: it has one",
                    video.encoder, counted(wanted, "thread")));
  video.options = reproducible(video.encoder, video.threads, request.video_options);
  return video;
}

// A filter that makes the rate constant (fps) shows it by its time base.
bool is_variable(const StreamInfo& source, const Format& result) {
  const Rational rate = result.frame_rate, clock = result.time_base;
  const bool clock_is_rate =
      std::int64_t{rate.num} * clock.num == std::int64_t{rate.den} * clock.den;
  return source.variable_rate && !clock_is_rate;
}

// The encoder's time base: the frames' own, unless frames are counted.
void plan_time(VideoEncoding& video, const StreamInfo& source, const Format& result,
               OutputPlan& plan) {
  const bool counts = counts_frames(video.encoder, plan.container);
  const bool by_ticks = controls_rate_by_ticks(video.encoder);
  const bool variable = is_variable(source, result);
  if (!variable || counts) {
    if ((counts || by_ticks) && result.frame_rate.num > 0)
      video.format.time_base = {result.frame_rate.den, result.frame_rate.num};
  } else if (by_ticks) {
    video.format.frame_rate = {0, 1};  // or later libav would take a tick for a frame
    if (std::ranges::find(video.options, "bt", &Options::value_type::first) == video.options.end())
      video.options.emplace_back("bt", "1");
  }
  video.format.time_base = possible_time_base(video.encoder, video.format.time_base);
  if (!counts || result.frame_rate.num <= 0) return;
  const std::string what = fmt::format("{} in {} counts frames", video.encoder, plan.container);
  if (variable)
    plan.losses.push_back(fmt::format(
        "variable timestamps: {}, so each picture moves to the nearest free place at {:.6g} fps",
        what, result.frame_rate.value()));
  else
    plan.notes.push_back(
        fmt::format("{}: timestamps are rounded to {:.6g} fps", what, result.frame_rate.value()));
}

std::string why_not(const StreamInfo& s, const std::string& container) {
  if (s.kind == StreamKind::audio && (s.sample_rate == 0 || s.channels == 0))
    return "its parameters could not be found";
  if (s.codec == "none")
    return fmt::format("{} cannot hold {} of an unknown kind", container, name_of(s.kind));
  return fmt::format("{} cannot hold {} {}", container, s.codec, name_of(s.kind));
}

// QuickTime keeps chapters and timecodes in tracks of their own, which its muxer makes again of the
// chapters and of the video's metadata, and other containers hold in their own way.
std::string kept_elsewhere(const Input& input, const StreamInfo& s, const OutputRequest& request) {
  constexpr unsigned text = MKTAG('t', 'e', 'x', 't'), timecode = MKTAG('t', 'm', 'c', 'd');
  if (s.kind != StreamKind::data || !request.keep_metadata) return "";
  const AVStream& stream = *input.av()->streams[s.index];
  const AVStream& video = *input.av()->streams[input.info().video];
  const auto tag = [](const AVStream& of) {
    const AVDictionaryEntry* found = av_dict_get(of.metadata, "timecode", nullptr, 0);
    return found ? std::string(found->value) : "";
  };
  if (stream.codecpar->codec_tag == text && stream.discard == AVDISCARD_ALL &&
      input.info().chapters > 0 && can_hold_chapters(request.container))
    return "it holds the chapters, which are copied";
  if (stream.codecpar->codec_tag == timecode && !tag(stream).empty() && tag(stream) == tag(video))
    return "it holds the timecode, which is in the video's metadata";
  return "";
}

void encode_by(StreamPlan& plan, const std::string& encoder, const Options& options) {
  plan.action = StreamPlan::Action::encode;
  plan.encoder = encoder;
  plan.options = options;
  plan.codec = avcodec_get_name(avcodec_find_encoder_by_name(encoder.c_str())->id);
}

// What the container cannot hold as it is: encoded, if the job allows it, or lost.
void convert_or_lose(StreamPlan& plan, const Input& input, const StreamInfo& s,
                     const OutputRequest& request, const std::string& path) {
  const bool is_audio = s.kind == StreamKind::audio;
  plan.reason = s.unlike.empty() ? why_not(s, request.container) : s.unlike;
  const std::string encoder = !is_audio && !s.unlike.empty()
                                  ? ""
                                  : substitute_encoder(input, s.index, request.container, path);
  if (!encoder.empty() && (is_audio ? request.convert_audio : request.convert_subtitles))
    return encode_by(plan, encoder, {});
  plan.action = StreamPlan::Action::leave_out;
  plan.is_lost = true;
  if (!encoder.empty())
    plan.reason += is_audio ? "; `audio: auto` encodes it" : "; `subtitles: auto` converts it";
}

// Sound cannot be copied then.
void encode_at_speed(StreamPlan& plan, const Input& input, const OutputRequest& request,
                     const std::string& path) {
  const std::string encoder = substitute_encoder(input, plan.input_stream, request.container, path);
  plan.reason = fmt::format("it plays at {:g} times its speed", input.info().speed);
  if (!encoder.empty() && request.convert_audio) return encode_by(plan, encoder, {});
  plan.action = StreamPlan::Action::leave_out;
  plan.is_lost = true;
  plan.reason += encoder.empty() ? ", and cannot be encoded anew" : "; `audio: auto` encodes it";
}

StreamPlan plan_stream(const Input& input, const StreamInfo& s, const OutputRequest& request,
                       const std::string& path) {
  StreamPlan plan{.input_stream = s.index, .what = s.describe()};
  plan.is_other_video = s.kind == StreamKind::video && s.index != input.info().video;
  const auto leave_out = [&](std::string reason) {
    plan.action = StreamPlan::Action::leave_out;
    plan.reason = std::move(reason);
    return plan;
  };
  if (!s.taken) return leave_out("input takes other streams");
  if (s.index == input.info().video) {
    plan.action = StreamPlan::Action::encode;
  } else if (s.kind == StreamKind::audio && !request.audio_encoder.empty()) {
    encode_by(plan, request.audio_encoder, request.audio_options);
    plan.filter = request.audio_filter;
  } else if (s.kind == StreamKind::audio && !request.copy_audio) {
    return leave_out("output.audio is none");
  } else if (s.kind == StreamKind::audio && input.info().speed != 1) {
    encode_at_speed(plan, input, request, path);
  } else if (s.kind == StreamKind::subtitle && !request.copy_subtitles) {
    return leave_out("output.subtitles is none");
  } else if (std::string where = kept_elsewhere(input, s, request); !where.empty()) {
    return leave_out(std::move(where));
  } else if (!s.unlike.empty() || !can_copy(input, s.index, request.container)) {
    convert_or_lose(plan, input, s, request, path);
  }
  return plan;
}

// VP8 and VP9 store alpha in side data of packets, which their usual decoders ignore.
bool has_undecoded_alpha(const StreamInfo& s) {
  const auto mode = std::ranges::find_if(s.metadata, [](const auto& tag) {
    return av_strcasecmp(tag.first.c_str(), "alpha_mode") == 0;  // Matroska's muxer writes capitals
  });
  return mode != s.metadata.end() && mode->second == "1" && !s.format.pixels.has_alpha();
}

// Picture outputs and "null" have no file properties.
bool needs_no_properties(const OutputPlan& plan) {
  return plan.images || writes_nothing(plan.container);
}

// Says of which of the output's streams the properties are that follow the first `from`.
void set_stream(std::vector<KeptProperty>& kept, std::size_t from, int stream,
                std::string_view kind, int nth) {
  for (std::size_t i = from; i < kept.size(); ++i) {
    kept[i].stream = stream;
    kept[i].stream_kind = kind;
    kept[i].nth = nth;
  }
}

// Is it marked as the default, and another one of its kind that is kept is not?
bool is_chosen(const Input& input, const OutputPlan& plan, const AVStream& in) {
  if (!(in.disposition & AV_DISPOSITION_DEFAULT)) return false;
  return std::ranges::any_of(plan.streams, [&](const StreamPlan& s) {
    const AVStream& other = *input.av()->streams[s.input_stream];
    return s.action != StreamPlan::Action::leave_out && stream_kind(other) == stream_kind(in) &&
           !(other.disposition & AV_DISPOSITION_DEFAULT);
  });
}

std::vector<std::string> lost_properties(const Input& input, const OutputPlan& plan,
                                         const Encoder& video, const Transcoders& others,
                                         std::vector<KeptProperty>& kept) {
  if (needs_no_properties(plan)) return {};
  std::map<StreamKind, int> seen;
  std::vector<std::string> losses;
  const auto add = [&](const std::string& what, const std::vector<std::string>& found) {
    for (const std::string& loss : found)
      losses.push_back(what.empty() ? loss : what + ": " + loss);
  };
  for (const StreamPlan& s : plan.streams) {
    if (s.action == StreamPlan::Action::leave_out) continue;
    const AVStream& in = *input.av()->streams[s.input_stream];
    const AVCodecContext* encoder = s.input_stream == input.info().video ? &video.av() : nullptr;
    for (const auto& [stream, transcoder] : others)
      if (stream == s.input_stream) encoder = &transcoder->av();
    const std::size_t before = kept.size();
    if (loses_creation_time(plan, *input.av(), in, encoder))
      losses.push_back(s.what + ": " + lost("creation_time", plan.container));
    if (is_chosen(input, plan, in)) {
      if (loses_choice(plan, in, encoder))
        losses.push_back(s.what + ": " + lost("role default", plan.container));
      else
        kept.push_back(
            {KeptProperty::Kind::role, "role default", "", AV_DISPOSITION_DEFAULT, "", 0});
    }
    add(s.what, lost_of_stream(plan, in, encoder, kept));
    if (s.input_stream == input.info().video)
      add(s.what, lost_of_picture(plan.container, in, plan.video, kept));
    const StreamKind kind = stream_kind(in);
    if (kind == StreamKind::cover || kind == StreamKind::attachment)
      kept.resize(before);  // containers hold them in ways of their own
    else
      set_stream(kept, before, s.input_stream, name_of(kind), seen[kind]++);
  }
  if (plan.keep_metadata)
    add("", lost_of_file(plan.container, *input.av(), video.av(),
                         *input.av()->streams[input.info().video], kept));
  if (plan.keep_chapters && input.info().chapters > 0)
    kept.push_back({KeptProperty::Kind::chapters, fmt::format("{} chapters", input.info().chapters),
                    "", input.info().chapters, "", 0});
  return losses;
}

// What pictures tell is not in the header that is looked at again.
void keep_of_pictures(const Input& input, const std::vector<std::string>& lost, OutputPlan& plan) {
  const StreamInfo& video = input.info().video_stream();
  const auto add = [&](const std::string& what) {
    plan.kept.push_back({.what = what, .stream = video.index, .is_checked = false});
  };
  if (video.orientation && plan.keep_rotation && !plan.loses_orientation)
    add(fmt::format("orientation ({})", video.orientation->describe()));
  for (const std::string& name : names_of_carried(plan.carried))
    if (std::ranges::none_of(lost, [&](const auto& loss) { return loss.starts_with(name); }))
      add(name);
}

std::vector<std::string> try_out(const Input& input, OutputPlan& planned) {
  OutputPlan plan = planned;
  // Many inputs are planned at once, but the thread budget is for running ones.
  plan.video.threads = 1;
  plan.video.options = without_written_files(plan.video.options);
  const Encoder video(plan.video, needs_global_header(plan.container));
  const Transcoders others = open_transcoders(input, plan);
  Muxer(input, plan, video, others).try_header();
  const AVStream& in = *input.av()->streams[input.info().video];
  planned.carried = carried_by(input.first_picture());
  planned.loses_orientation = loses_orientation(plan, in, &video.av());
  std::vector<std::string> losses = lost_properties(input, plan, video, others, planned.kept);
  if (planned.loses_orientation)
    losses.push_back(lost_orientation(in, plan.container) +
                     "; `orientation: apply` turns the picture itself");
  const std::vector<std::string> of_frames =
      lost_of_frames(plan, in, video.av(), input.first_picture());
  if (!needs_no_properties(plan)) keep_of_pictures(input, of_frames, planned);
  for (const std::string& loss : of_frames)
    losses.push_back(input.info().video_stream().describe() + ": " + loss);
  std::ranges::move(lost_of_photograph(input.info().video_stream(), plan),
                    std::back_inserter(losses));
  return losses;
}

}  // namespace

// A video's container may tell the matrix of its pictures; a picture stands alone.
int OutputRequest::matrix() const {
  const bool alone = makes_images(container) || container == "webp";
  return alone && is_always_bt601(video_encoder) ? AVCOL_SPC_BT470BG : AVCOL_SPC_UNSPECIFIED;
}

bool OutputPlan::keeps(int stream) const {
  const auto found = std::ranges::find(streams, stream, &StreamPlan::input_stream);
  return found != streams.end() && found->action != StreamPlan::Action::leave_out;
}

// x264's frame threads cost about 3 % CPU each at 1080p and pay only for pictures large enough to
// keep a thread busy; small pictures scale by frames and inputs in progress.
int automatic_threads(const Format& format) {
  const double megapixels = format.width * static_cast<double>(format.height) / (1280 * 720);
  return std::clamp(static_cast<int>(std::ceil(megapixels)), 1, 8);
}

OutputPlan plan_output(const Input& input, const OutputRequest& request, const Format& result,
                       const std::string& path) {
  OutputPlan plan;
  plan.container = request.container;
  plan.from_start = input.info().taken.start == 0;
  plan.muxer_options = request.muxer_options;
  plan.keep_metadata = request.keep_metadata;
  plan.keep_rotation = !result.turned;
  plan.images = makes_images(request.container);
  plan.sequence = request.sequence;
  plan.video = plan_video(input, request, result, plan);
  plan_time(plan.video, input.info().video_stream(), result, plan);
  if (plan.images && !plan.sequence && input.info().expected_frames() > 1)
    plan.notes.push_back(
        fmt::format("{} holds one picture: only an input of one frame fits; a pattern such as "
                    "frame-%05d makes a sequence",
                    path));
  if (has_undecoded_alpha(input.info().video_stream()))
    plan.losses.push_back(fmt::format("alpha (alpha_mode 1): the decoder of {} gives none",
                                      input.info().video_stream().codec));
  for (const StreamInfo& s : input.info().streams) {
    const StreamPlan& planned = plan.streams.emplace_back(plan_stream(input, s, request, path));
    std::string loss = planned.is_lost ? planned.reason : "";
    if (s.kind == StreamKind::subtitle && planned.action == StreamPlan::Action::encode)
      loss = lost_styling(input, s.index, planned.encoder);
    if (!loss.empty()) plan.losses.push_back(planned.what + ": " + loss);
  }
  if (!input.info().has_times() && !input.info().is_of_pictures())
    plan.notes.push_back(fmt::format("{} has no times: they are computed from the rate, {:.6g} fps",
                                     input.info().container,
                                     input.info().video_stream().format.frame_rate.value()));
  plan.keep_chapters = plan.keep_metadata && can_hold_chapters(plan.container);
  if (plan.keep_metadata && !plan.keep_chapters && input.info().chapters > 0)
    plan.losses.push_back(fmt::format("{}: {} cannot hold them",
                                      counted(input.info().chapters, "chapter"), plan.container));
  std::ranges::move(try_out(input, plan), std::back_inserter(plan.losses));
  return plan;
}

}  // namespace quadrant
