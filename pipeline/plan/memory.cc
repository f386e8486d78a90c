// SPDX-License-Identifier: MIT
#include "pipeline/plan/memory.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <string_view>

#include "pipeline/plan/plan.h"

namespace quadrant {
namespace {

constexpr std::int64_t for_reading = 4 << 20;  // demuxer, packets, muxer
constexpr std::int64_t for_a_sound = 2 << 20;  // that is encoded

// Of x264 and x265, by preset: libx264 r164, libx265 3.5.
struct Preset {
  std::string_view name;
  int lookahead, b_frames, references;
};
constexpr std::array<Preset, 10> x264_presets = {{{"ultrafast", 0, 0, 1},
                                                  {"superfast", 0, 3, 1},
                                                  {"veryfast", 10, 3, 1},
                                                  {"faster", 20, 3, 2},
                                                  {"fast", 30, 3, 2},
                                                  {"medium", 40, 3, 3},
                                                  {"slow", 50, 3, 5},
                                                  {"slower", 60, 3, 8},
                                                  {"veryslow", 60, 8, 16},
                                                  {"placebo", 60, 16, 16}}};
constexpr std::array<Preset, 10> x265_presets = {{{"ultrafast", 5, 3, 1},
                                                  {"superfast", 10, 3, 1},
                                                  {"veryfast", 15, 4, 2},
                                                  {"faster", 15, 4, 2},
                                                  {"fast", 15, 4, 3},
                                                  {"medium", 20, 4, 3},
                                                  {"slow", 25, 4, 4},
                                                  {"slower", 40, 8, 5},
                                                  {"veryslow", 40, 8, 5},
                                                  {"placebo", 60, 8, 5}}};

std::string_view text_of(const VideoEncoding& video, std::string_view name) {
  for (const auto& [key, value] : video.options)
    if (key == name) return value;
  return {};
}

// Of `name=value:name=value`, as in x264-params; empty: not there.
std::string_view inside(std::string_view params, std::string_view name) {
  while (!params.empty()) {
    const std::string_view one = params.substr(0, params.find(':'));
    params.remove_prefix(std::min(params.size(), one.size() + 1));
    if (one.starts_with(name) && one.substr(name.size()).starts_with('='))
      return one.substr(name.size() + 1);
  }
  return {};
}

// The number that the options give under one of these names; otherwise `usual`.
int number_of(const VideoEncoding& video, std::string_view option, std::string_view params,
              std::string_view in_params, int usual) {
  for (const std::string_view text :
       {inside(text_of(video, params), in_params), text_of(video, option)}) {
    int number = 0;
    if (!text.empty() &&
        std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc())
      return std::max(0, number);
  }
  return usual;
}

Preset preset_of(const VideoEncoding& video, const std::array<Preset, 10>& all,
                 std::string_view params) {
  constexpr std::string_view usual = "medium";
  const std::string_view name = text_of(video, "preset");
  auto found = std::ranges::find(all, name.empty() ? usual : name, &Preset::name);
  if (found == all.end()) found = std::ranges::find(all, usual, &Preset::name);
  Preset preset = *found;
  if (text_of(video, "tune").find("zerolatency") != std::string_view::npos)
    preset.lookahead = preset.b_frames = 0;
  preset.lookahead = number_of(video, "rc-lookahead", params, "rc-lookahead", preset.lookahead);
  preset.b_frames = number_of(video, "bf", params, "bframes", preset.b_frames);
  preset.references = number_of(video, "refs", params, "ref", preset.references);
  return preset;
}

// Below, what an encoder holds in planes of luma, fitted to the peak memory of encoding 70 pictures
// of 1080p. x264 keeps a coming picture with half-size copies for its lookahead (3.1), and a coded
// one with its interpolated planes (4.7).
double held_by_x264(const VideoEncoding& video, std::int64_t pictures) {
  const Preset p = preset_of(video, x264_presets, "x264-params");
  const int threads = video.threads;
  const double coming = p.lookahead + p.b_frames + 2 + threads + (threads > 1 ? p.b_frames + 1 : 0);
  const double coded = p.references + threads + (p.b_frames > 0 ? 3 : 0);
  return 3.1 * std::min(coming, static_cast<double>(pictures)) +
         4.7 * std::min(coded, static_cast<double>(pictures));
}

double held_by_x265(const VideoEncoding& video, std::int64_t pictures) {
  const Preset p = preset_of(video, x265_presets, "x265-params");
  const double coming = p.lookahead + p.b_frames + 12.0 * (video.threads - 1) / 4.8;
  return 75 + 4.8 * std::min(coming, static_cast<double>(pictures));
}

double held_by_encoder(const VideoEncoding& video, std::int64_t pictures) {
  const std::string_view name = video.encoder;
  if (name.starts_with("libx264")) return held_by_x264(video, pictures);
  if (name == "libx265") return held_by_x265(video, pictures);
  struct Measured {
    std::string_view encoder;
    double planes;
  };
  constexpr std::array<Measured, 6> all = {{{"libsvtav1", 200},
                                            {"libaom-av1", 210},
                                            {"libvpx-vp9", 140},
                                            {"libvpx", 35},
                                            {"ffv1", 155},
                                            {"libtheora", 10}}};
  constexpr double of_libav = 6, of_another = 100;
  const auto found = std::ranges::find(all, name, &Measured::encoder);
  const double planes = found != all.end()        ? found->planes
                        : name.starts_with("lib") ? of_another
                                                  : of_libav;
  constexpr double of_a_thread = 5;
  return planes + of_a_thread * (video.threads - 1);
}

// Pictures that a decoder refers to, as far as the levels allow for their size.
double held_by_decoder(std::string_view codec, const Format& format) {
  constexpr std::array<std::string_view, 5> with_many = {"h264", "hevc", "vp9", "av1", "vvc"};
  constexpr double samples_in_all = 12.5e6, most = 16, of_others = 4;
  if (std::ranges::find(with_many, codec) == with_many.end()) return of_others;
  const double samples = std::max(1.0, static_cast<double>(format.width) * format.height);
  return of_others + std::clamp(samples_in_all / samples, 2.0, most);
}

double luma_bytes(const Format& format) {
  return static_cast<double>(format.width) * format.height * format.pixels.bytes_per_sample();
}

}  // namespace

std::int64_t codec_memory(const Plan& plan, std::int64_t pictures) {
  if (plan.input.is_one_picture()) pictures = 1;
  const std::int64_t most = pictures > 0 ? pictures : std::numeric_limits<std::int32_t>::max();
  const VideoEncoding& video = plan.output.video;
  double bytes = held_by_encoder(video, most) * luma_bytes(video.format);
  const double decoded = held_by_decoder(plan.input.video_stream().codec, plan.source);
  bytes +=
      std::min(decoded, static_cast<double>(most) + 1) * static_cast<double>(plan.source.bytes());
  std::int64_t sounds = 0;
  for (const StreamPlan& stream : plan.output.streams)
    sounds +=
        stream.action == StreamPlan::Action::encode && stream.input_stream != plan.input.video;
  return for_reading + for_a_sound * sounds + static_cast<std::int64_t>(bytes);
}

std::int64_t codec_memory(const Plan& plan) {
  std::int64_t pictures = 0;
  for (const Segment& segment : plan.segments) {
    if (segment.pictures == 0)
      return codec_memory(plan, plan.is_cut() ? 0 : plan.input.expected_frames());
    pictures = std::max(pictures, segment.pictures);
  }
  return codec_memory(plan, pictures);
}

}  // namespace quadrant
