// SPDX-License-Identifier: MIT
// quadrant sample: a test clip with natural-looking motion, grain and audio, made by libavfilter
// and encoded by the same pipeline as jobs. Equal options make equal frames.
#include <iostream>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/job/summary.h"
#include "pipeline/media/encoders.h"
#include "pipeline/store/paths.h"
#include "stages/stages.h"
#include "tools/command.h"

namespace quadrant {
namespace {

struct SampleOptions {
  std::string output, size = "1280x720", codec = "auto", audio = "auto", pixel_format = "yuv420p";
  int rate = 25;
  double length = 5;
  bool overwrite = false;
};

struct Size {
  int width = 0, height = 0;
};

Size parse_size(const std::string& text) {
  Size size;
  char end = 0;
  if (std::sscanf(text.c_str(), "%dx%d%c", &size.width, &size.height, &end) != 2 ||
      size.width < 16 || size.height < 16 || size.width > 16384 || size.height > 16384)
    fail(Fault::usage, "--size must be WIDTHxHEIGHT between 16x16 and 16384x16384, not {}", text);
  return size;
}

// A slow zoom into a fractal, lit by a moving gradient, with film grain: edges, flat areas, detail
// and noise in motion, like camera footage. The fractal is drawn small, because it is expensive.
std::string picture(const SampleOptions& o) {
  const Size size = parse_size(o.size);
  const int small_width = std::max(16, size.width * 3 / 8 / 2 * 2),
            small_height = std::max(16, size.height * 3 / 8 / 2 * 2);
  return fmt::format(
      "mandelbrot=s={}x{}:r={}:start_scale=0.5:end_scale=0.02:end_pts=400:bailout=4:maxiter=300,"
      "scale={}:{}:flags=bicubic,format={}[zoom];"
      "gradients=s={}x{}:r={}:c0=0x204060:c1=0xd0a070:c2=0x406030:nb_colors=3:x0=0:y0=0:x1={}:y1={}"
      ":speed=0.02:seed=7,format={}[light];"
      "[light][zoom]blend=all_mode=softlight:all_opacity=0.7,noise=alls=6:allf=t:all_seed=11,trim="
      "duration={},format={}[out0]",
      small_width, small_height, o.rate, size.width, size.height, o.pixel_format, size.width,
      size.height, o.rate, size.width, size.height, o.pixel_format, o.length, o.pixel_format);
}

std::string sound(const SampleOptions& o) {
  return fmt::format(
      ";sine=frequency=220:beep_factor=4:sample_rate=48000:duration={},tremolo=f=3:d=0.4,aformat="
      "channel_layouts=stereo[out1]",
      o.length);
}

JobSpec job_for(const SampleOptions& o) {
  JobSpec job = read_job("sample", "version: 1\n", all_stages());
  job.inputs = {"lavfi:" + picture(o) + (o.audio == "none" ? "" : sound(o))};
  job.output.path = o.output;
  job.output.video.codec = o.codec;
  if (o.audio != "none")
    job.output.audio = {AudioSpec::Kind::encode, o.audio == "auto" ? "" : o.audio, {}, {}};
  return job;
}

// Messages speak of a job; here are only options.
std::string in_options(std::string message) {
  for (const auto& [key, option] :
       {std::pair{"output.video.pixel_format", "--pixel-format"}, std::pair{"codec:", "--codec:"}})
    if (const std::size_t at = message.find(key); at != std::string::npos)
      message.replace(at, std::string_view(key).size(), option);
  return message;
}

void check_output(const SampleOptions& options) {
  const std::string& output = options.output;
  if (is_there(output) && !options.overwrite)
    fail(Fault::input, "{}: exists; --overwrite replaces it", output);
  try {
    container_for(output, "auto");
  } catch (const Error&) {
    fail(Fault::usage, "{}: no extension that names a container; end it in .mp4, .mkv, .png ...",
         output);
  }
}

int make_sample(const SampleOptions& options) try {
  check_output(options);
  const JobSpec job = job_for(options);
  const StopFlag never;
  Batch batch(job, {.inputs = job.inputs, .overwrite = options.overwrite, .remembers = false},
              never);
  batch.run();
  const InputState& made = batch.inputs().front();
  if (made.status == Status::failed)
    fail(made.fault, "{}",
         made.error.substr(made.error.starts_with(made.input) ? made.input.size() + 2 : 0));
  std::cerr << fmt::format("{}: {} {}, {} fps\n", printable(made.output),
                           counted(made.meter.frames_out, "frame"), options.size, options.rate);
  return all_done;
} catch (const Error& error) {
  fail(error.fault(), "{}", in_options(error.what()));
}

}  // namespace

Command sample_command() {
  auto o = std::make_shared<SampleOptions>();
  const auto shown = [](const std::string& names, auto* value, const std::string& help) {
    return Option{.names = names, .value = value, .help = help, .shows_default = true};
  };
  Option rate = shown("--rate", &o->rate, "frames per second");
  rate.range = {1, 240};
  Option length = shown("--length", &o->length, "seconds");
  length.range = {0.04, 86400};
  return {"sample",
          "make a test clip",
          {{.names = "OUTPUT",
            .value = &o->output,
            .help = "file to create; its extension selects the container",
            .required = true},
           shown("--size", &o->size, "WIDTHxHEIGHT"),
           rate,
           length,
           shown("--codec", &o->codec, "video encoder"),
           shown("--pixel-format", &o->pixel_format, "libavutil's name"),
           shown("--audio", &o->audio, "audio encoder, or none"),
           {"--overwrite", &o->overwrite, "replace OUTPUT"}},
          [o] { return make_sample(*o); }};
}

}  // namespace quadrant
