// SPDX-License-Identifier: MIT
#include "pipeline/media/input.h"

#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <filesystem>
#include <fstream>
#include <optional>

extern "C" {
#include <libavdevice/version.h>
}

#include "pipeline/media/allowed.h"
#include "pipeline/media/av.h"
#include "pipeline/media/compound.h"
#include "pipeline/media/first_picture.h"
#include "pipeline/media/log.h"
#include "pipeline/media/pipe_reader.h"
#include "pipeline/media/rate.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/speed.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/taken_streams.h"
#include "pipeline/media/ticks.h"
#include "pipeline/media/timeline.h"
#include "pipeline/media/trim.h"

namespace quadrant {
namespace {

constexpr std::string_view lavfi_prefix = "lavfi:";

// FFmpeg's picture generators are a device, and its device library loads window and sound
// libraries: every start of the program would wait for them (a fifth of its time).
void register_devices() {
  constexpr const char* library =
      "libavdevice.so." AV_STRINGIFY(LIBAVDEVICE_VERSION_MAJOR);  // its soname
  void* devices = dlopen(library, RTLD_NOW);
  void* name = devices ? dlsym(devices, "avdevice_register_all") : nullptr;
  if (!name) fail(Fault::input, "lavfi: needs {}: {}", library, dlerror());
  reinterpret_cast<void (*)()>(name)();
}

// What libavformat opens, and with which demuxer (null: it detects it).
struct Source {
  std::string url;
  const AVInputFormat* demuxer = nullptr;
};

// The demuxer that the job names. Those that name further files are not for that: nobody would have
// looked at what they name.
const AVInputFormat* demuxer_named(const InputSpec& spec) {
  const std::string& format = spec.taken.format;
  if (format.empty()) return nullptr;
  const AVInputFormat* found = av_find_input_format(format.c_str());
  if (!found)
    fail(Fault::input,
         "{}: the installed libavformat has no format {}; `ffmpeg -demuxers` lists them", spec.name,
         format);
  if (!is_plain_format(found->name))
    fail(Fault::input, "{}: format {} is no format of a file's bytes", spec.name, format);
  return found;
}

void set_raw_options(const InputSpec& spec, av::Dictionary& options) {
  const Selection& raw = spec.taken;
  if (raw.format != "rawvideo") return;
  const std::string pixels = raw.pixel_format.empty() ? "yuv420p" : raw.pixel_format;
  if (PixelFormat::named(pixels).none())
    fail(Fault::input, "{}: there is no pixel_format {}; `ffmpeg -pix_fmts` lists them", spec.name,
         pixels);
  options.set("video_size", raw.size);
  options.set("pixel_format", pixels);
  const auto rate = to_rate(raw.rate).value_or(std::pair(25, 1));
  options.set("framerate", fmt::format("{}/{}", rate.first, rate.second));
}

Source source_of(const InputSpec& spec) {
  const std::string& name = spec.name;
  if (name.starts_with(lavfi_prefix)) {
    register_devices();
    return {name.substr(lavfi_prefix.size()), av_find_input_format("lavfi")};
  }
  // A file with a colon in its name ("take 2: a.mp4") is not a URL.
  std::error_code ignored;
  if (std::filesystem::exists(name, ignored)) return {"file:" + name, demuxer_named(spec)};
  return {name, demuxer_named(spec)};
}

// Demuxers call a file that ends too soon an I/O error, as they do a disk that fails. Which of the
// two it is can be asked of the file.
bool can_be_read(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(name, ignored) || !file) return false;
  constexpr std::streamoff most = 64 << 20, block = 1 << 20;
  std::string bytes(block, '\0');
  for (std::streamoff read = 0; read < most && file.read(bytes.data(), block); read += block) {
  }
  return !file.bad();
}

Fault fault_of_reading(int code, const std::string& name) {
  return code == AVERROR(EIO) && can_be_read(name) ? Fault::input : av::fault_of(code);
}

int stop_raised(void* stop) { return static_cast<const StopFlag*>(stop)->raised(); }

}  // namespace

struct Input::Impl {
  std::deque<std::shared_ptr<AVPacket>> peeked;  // read, but not returned yet
  std::unique_ptr<PipeReader> pipe;
  std::optional<Gate> gate;
  AVFormatContext* context = nullptr;
  std::optional<Timeline> timeline;
  std::optional<Trim> trim;
  bool led_in = false;  // to where the trim begins
  InputInfo info;
  const StopFlag* stop = nullptr;
  std::unique_ptr<Compound> compound;   // what is read, if the input is made of several
  av::FramePtr first_picture_of_video;  // its properties
  Diagnostics diagnostics;

  ~Impl() {
    if (!compound) avformat_close_input(&context);
  }
  void adopt(std::unique_ptr<Compound> made, const Selection& taken);
  int next(AVPacket& packet);
  int next_of_compound(AVPacket& packet);
  int cause_of(int end) const;
  const AVPacket* peek();                    // reads one more packet; null at the end
  const AVPacket* peeked_at(std::size_t i);  // the same where it was not read yet
  void peek_first_picture();
  void peek_rate();
  void peek_encryption();
  void take(const Selection& taken);
  void look_at_video();
  bool is_seekable() const;
  bool move_to(std::int64_t time);
  std::shared_ptr<AVPacket> take_packet();
  void lead_in();
};

int Input::Impl::next_of_compound(AVPacket& packet) {
  const bool found = compound->read(packet);
  diagnostics.add(std::exchange(compound->diagnostics, {}));
  return found ? 0 : AVERROR_EOF;
}

int Input::Impl::next(AVPacket& packet) {
  if (compound) return next_of_compound(packet);
  int code = 0;
  quadrant::take_diagnostics();  // drops messages from other work of this thread
  do code = av_read_frame(context, &packet);
  while (code == AVERROR(EAGAIN));
  stop->got_on();
  diagnostics.add(quadrant::take_diagnostics());
  gate->check();
  return code;
}

// When a read fails, demuxers report the end of the file; only the protocol knows that the
// connection broke.
int Input::Impl::cause_of(int end) const {
  return context->pb && context->pb->error < 0 ? context->pb->error : end;
}

const AVPacket* Input::Impl::peek() {
  std::shared_ptr<AVPacket> packet = av::make_packet();
  if (next(*packet) < 0) return nullptr;
  peeked.push_back(std::move(packet));
  return peeked.back().get();
}

const AVPacket* Input::Impl::peeked_at(std::size_t i) {
  return i < peeked.size() ? peeked[i].get() : peek();
}

// MP4 tells the encryption with each packet; a beginning in the clear is left to the decoder.
void Input::Impl::peek_encryption() {
  constexpr std::size_t most_packets = 500;
  if (!info.container.starts_with("mov")) return;
  for (std::size_t i = 0; i < most_packets; ++i) {
    const AVPacket* packet = peeked_at(i);
    if (!packet) return;
    if (packet->stream_index != info.video) continue;
    if (is_encrypted(*packet))
      info.streams[static_cast<std::size_t>(info.video)].undecodable = encrypted;
    return;
  }
}

// Matroska's header states a rate that may not hold.
void Input::Impl::peek_rate() {
  constexpr std::size_t most_packets = 400, most_frames = 50;
  const AVStream& stream = *context->streams[info.video];
  StreamInfo& video = info.streams[static_cast<std::size_t>(info.video)];
  if (video.variable_rate || !info.container.starts_with("matroska")) return;
  std::vector<std::int64_t> times;
  for (std::size_t i = 0; i < most_packets && times.size() < most_frames; ++i) {
    const AVPacket* packet = peeked_at(i);
    if (!packet) break;
    if (packet->stream_index == info.video && packet->pts != AV_NOPTS_VALUE)
      times.push_back(packet->pts);
  }
  video.variable_rate =
      leave_grid(std::move(times), stream.time_base, av::to_av(video.format.frame_rate));
}

void Input::Impl::peek_first_picture() {
  StreamInfo& video = info.streams[static_cast<std::size_t>(info.video)];
  AVStream& stream = *context->streams[info.video];
  std::size_t seen = 0;
  const NextPacket next = [&] { return peeked_at(seen++); };
  const bool photograph = info.is_of_pictures();
  FirstPicture looked = photograph ? look_at_photograph(stream, next) : look_at_film(stream, next);
  first_picture_of_video = std::move(looked.properties);
  video.format.opaque = looked.opaque;
  if (!photograph) {
    const AVCodecParameters& c = *stream.codecpar;
    Colour& colour = video.format.colour;
    colour = {c.color_range, c.color_primaries, c.color_trc, c.color_space, colour.chroma_location};
    return;
  }
  video.tags_of_picture = std::move(looked.tags);
  set_orientation(video, stream);
}

void Input::Impl::look_at_video() {
  if (info.video < 0) return;
  info.streams[static_cast<std::size_t>(info.video)].undecodable =
      why_undecodable(*context->streams[info.video]);
  peek_encryption();
  peek_first_picture();
  peek_rate();
}

void Input::Impl::take(const Selection& taken) {
  take_streams(taken, *context, info);
  if (taken.is_trimmed() && info.video >= 0) trim.emplace(taken, *context, info);
}

// The parts have looked at their first pictures themselves, and their clocks are in order.
void Input::Impl::adopt(std::unique_ptr<Compound> made, const Selection& taken) {
  compound = std::move(made);
  context = compound->context.get();
  info = compound->info;
  first_picture_of_video = std::move(compound->first_picture);
  diagnostics = std::exchange(compound->diagnostics, {});
  take(taken);
}

Input::Input(const InputSpec& spec, const StopFlag& stop) : Input(spec, stop, nullptr) {}

Input::Input(const InputSpec& spec, const StopFlag& stop, AVIOContext* bytes)
    : impl_(std::make_unique<Impl>()) {
  const std::string& name = spec.name;
  take_libav_error();
  quadrant::take_diagnostics();
  impl_->stop = &stop;
  if (!bytes)
    if (std::unique_ptr<Compound> compound = open_compound(spec, stop)) {
      impl_->adopt(std::move(compound), spec.taken);
      set_speed(spec.speed, *impl_->context, impl_->info);
      return;
    }
  impl_->gate.emplace(name);
  impl_->context = av::not_null(avformat_alloc_context());
  impl_->context->interrupt_callback = {stop_raised, const_cast<StopFlag*>(&stop)};
  impl_->context->pb = bytes;
  Source source = source_of(spec);
  if (!bytes && !name.starts_with(lavfi_prefix) && PipeReader::serves(name)) {
    impl_->pipe = std::make_unique<PipeReader>(name, stop);
    impl_->context->pb = impl_->pipe->context();
  }
  av::Dictionary options;
  if (name.find('%') != std::string::npos || spec.taken.format == "image2")
    options.set("pattern_type", "none");  // a file that is really called so
  set_raw_options(spec, options);
  impl_->gate->guard(*impl_->context, source.url, options);
  int code =
      avformat_open_input(&impl_->context, source.url.c_str(), source.demuxer, options.get());
  if (code >= 0) code = avformat_find_stream_info(impl_->context, nullptr);
  if (code == AVERROR_EXIT || stop.raised()) fail(Fault::stopped, "{}: stopped", name);
  const std::string reason = code < 0 ? take_libav_error() : "";
  impl_->gate->check(reason);
  if (code < 0) {
    if (code == AVERROR(ENOENT) && name.find_first_of("*?[") != std::string::npos)
      fail(Fault::input, "{}: no file matches this pattern", name);
    if (code == AVERROR(EISDIR))
      fail(Fault::input, "{}: is a directory; '{}/*.mp4' names files in it", name,
           name.substr(0, name.find_last_not_of('/') + 1));
    fail(fault_of_reading(code, name), "{}: cannot be read: {}{}{}{}", name, av::error_text(code),
         reason.empty() ? "" : " (", reason, reason.empty() ? "" : ")");
  }
  take_libav_error();
  impl_->diagnostics = take_demuxer_diagnostics();
  impl_->timeline.emplace(*impl_->context);
  impl_->info = describe_input(name, *impl_->context);
  impl_->take(spec.taken);
  impl_->look_at_video();
  set_speed(spec.speed, *impl_->context, impl_->info);
}

Input::~Input() = default;
Input::Input(Input&&) noexcept = default;
const InputInfo& Input::info() const { return impl_->info; }
const AVFrame* Input::first_picture() const { return impl_->first_picture_of_video.get(); }
AVFormatContext* Input::av() const { return impl_->context; }
Diagnostics Input::take_diagnostics() { return std::exchange(impl_->diagnostics, {}); }
const StopFlag& Input::stop() const { return *impl_->stop; }

Input::Ticks Input::taken_of(int stream) const {
  return impl_->trim ? impl_->trim->taken_in(*impl_->context->streams[stream]) : Ticks{};
}

std::int64_t Input::moved_by(int stream) const {
  return impl_->trim ? impl_->trim->start_in(*impl_->context->streams[stream]) : 0;
}

std::int64_t Input::moved_by() const {
  return std::llround(impl_->info.taken.start * AV_TIME_BASE);
}

std::int64_t Input::silent_until(int stream) const {
  const std::int64_t time = impl_->compound ? impl_->compound->silent_until(stream) : INT64_MIN;
  return time == INT64_MIN ? time : minus(time, moved_by());
}

std::optional<PacketScan> Input::scan_parts() const {
  if (!impl_->compound || impl_->trim) return std::nullopt;
  return impl_->compound->scan();
}

Input::Ticks Input::taken() const { return impl_->trim ? impl_->trim->taken() : Ticks{}; }

bool Input::Impl::is_seekable() const {
  if (compound) return compound->is_seekable();
  return context->pb && context->pb->seekable & AVIO_SEEKABLE_NORMAL &&
         !(context->iformat->flags & (AVFMT_NOFILE | AVFMT_NOTIMESTAMPS));
}

bool Input::is_seekable() const { return impl_->is_seekable(); }
Rational Input::time_base(int stream) const {
  return av::from_av(time_base_at(impl_->info.speed, impl_->context->streams[stream]->time_base));
}
bool Input::clock_jumped() const { return impl_->timeline && impl_->timeline->jumped(); }

// `time` is of the whole input's clock, in ticks of the video stream.
bool Input::Impl::move_to(std::int64_t time) {
  peeked.clear();
  if (compound) return compound->seek(time);
  timeline.emplace(*context);
  const bool beginning = time == INT64_MIN;
  if (const std::int64_t bytes = bytes_of_raw_picture(*context, info); bytes > 0) {
    const std::int64_t place = std::max<std::int64_t>(beginning ? 0 : time, 0);
    const std::int64_t at = place > INT64_MAX / bytes ? INT64_MAX : place * bytes;
    return avformat_seek_file(context, -1, INT64_MIN, at, at, AVSEEK_FLAG_BYTE) >= 0;
  }
  const std::int64_t target = beginning
                                  ? std::max<std::int64_t>(context->start_time, 0)
                                  : timeline->in_container(time, *context->streams[info.video]);
  const int code =
      avformat_seek_file(context, beginning ? -1 : info.video, INT64_MIN, target, target, 0);
  take_libav_error();
  return code >= 0;
}

bool Input::seek(std::int64_t time) {
  if (!impl_->trim) return impl_->move_to(time);
  impl_->trim->restart();
  impl_->led_in = time != INT64_MIN;
  const AVStream& video = *impl_->context->streams[impl_->info.video];
  return impl_->move_to(impl_->led_in ? plus(time, impl_->trim->start_in(video)) : time);
}

void Input::ignore_other_streams() {
  AVFormatContext& context = *impl_->context;
  for (unsigned i = 0; i < context.nb_streams; ++i)
    if (static_cast<int>(i) != impl_->info.video) context.streams[i]->discard = AVDISCARD_ALL;
}

// Where the clock may jump, only reading from the beginning tells the time.
void Input::Impl::lead_in() {
  constexpr double first_step = 1, widening = 4;  // seconds
  led_in = true;
  if (info.taken.start <= 0) return;
  const Trim::Next next = [this] { return take_packet(); };
  const bool may_seek = is_seekable() && !(context->iformat->flags & AVFMT_TS_DISCONT);
  const Diagnostics before = diagnostics;
  const double tick = av_q2d(context->streams[info.video]->time_base);
  double step = first_step;
  for (double from = trim->reading_from(); may_seek && from > 0; from -= step, step *= widening) {
    const bool found = move_to(std::llround(from / tick)) && trim->lead_in(next, false);
    diagnostics = before;  // after a seek, parsers complain of what they did not see
    if (found) return;
  }
  if (may_seek) move_to(INT64_MIN);
  trim->lead_in(next, true);
}

// The next packet on the whole input's clock; null at the end.
std::shared_ptr<AVPacket> Input::Impl::take_packet() {
  std::shared_ptr<AVPacket> packet;
  if (!peeked.empty()) {
    packet = std::move(peeked.front());
    peeked.pop_front();
  } else {
    packet = av::make_packet();
    if (const int code = next(*packet); code < 0) {
      const int cause = cause_of(code);
      if (cause == AVERROR_EXIT || stop->raised()) fail(Fault::stopped, "{}: stopped", info.name);
      const bool damaged =
          cause == AVERROR_INVALIDDATA || (cause == AVERROR(EIO) && can_be_read(info.name));
      if (cause != AVERROR_EOF && !damaged)
        av::check(cause, info.name + ": cannot be read to its end");
      if (damaged) diagnostics.add({1, av::error_text(cause)});
      return nullptr;
    }
  }
  if (timeline) timeline->move(*packet);
  return packet;
}

Packet Input::read() {
  if (impl_->trim && !impl_->led_in) impl_->lead_in();
  for (;;) {
    std::shared_ptr<AVPacket> packet;
    if (impl_->trim && !impl_->trim->held.empty()) {
      packet = std::move(impl_->trim->held.front());
      impl_->trim->held.pop_front();
    } else {
      packet = impl_->take_packet();
    }
    if (!packet) return {};
    const auto stream = static_cast<std::size_t>(packet->stream_index);
    if (stream < impl_->info.streams.size() && !impl_->info.streams[stream].taken) continue;
    const bool is_in = !impl_->trim || impl_->trim->place(*packet);
    if (impl_->trim && impl_->trim->is_over()) return {};
    if (is_in) return Packet(std::move(packet));
  }
}

}  // namespace quadrant
