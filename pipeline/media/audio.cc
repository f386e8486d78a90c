// SPDX-License-Identifier: MIT
#include "pipeline/media/audio.h"

#include <algorithm>
#include <cmath>

extern "C" {
#include <libavutil/samplefmt.h>
}

#include "pipeline/media/audio_graph.h"
#include "pipeline/media/log.h"
#include "pipeline/media/part.h"
#include "pipeline/media/speed.h"
#include "pipeline/media/ticks.h"

namespace quadrant {

struct AudioTranscoder::Impl {
  std::string name;  // for messages
  av::CodecPtr decoder, encoder;
  AudioForm form;             // of the decoder's current output
  AudioGraph convert, chunk;  // to the encoder's form; to the number of samples it takes at once
  int stream = 0;
  std::string chain;  // filters before the conversion
  double speed = 1;   // of the output's clock
  // At another speed filters see one run of samples without a gap at a time: atempo would close it.
  std::int64_t run = 0, run_end = AV_NOPTS_VALUE;  // in samples of `form`
  std::int64_t placed = INT64_MIN;                 // of the output, up to here; encoder's ticks
  Input::Ticks taken;             // ticks of AV_TIME_BASE; samples of other times are only decoded
  Input::Ticks taken_of_all;      // of an input with parts, of which each has its own `taken`
  std::int64_t moved = 0;         // see Input::moved_by()
  std::int64_t silent_until = 0;  // see Input
  std::shared_ptr<const Part> part;        // that is decoded; null: the input has none
  std::int64_t next_pts = AV_NOPTS_VALUE;  // in samples of `form`
  AudioForm first;                         // of the first frame
  std::map<std::string, std::int64_t> changes;

  void open_decoder(const AVStream& in);
  void turn_to(std::shared_ptr<const Part> next, const EmitPacket& emit);
  void fill_until(std::int64_t time, const EmitPacket& emit);
  std::int64_t in_samples(std::int64_t time) const;
  void open_encoder(const AVCodec& codec, const Options& options, bool global_header);
  std::int64_t time_of(const AVFrame& frame) const;
  bool cut(AVFrame& frame) const;
  void adopt(AVFrame& frame, const EmitPacket& emit);
  void decode(const Packet& packet, const EmitPacket& emit);
  void renew(const AudioForm& now, const EmitPacket& emit);
  void follow(const AVFrame& frame, const EmitPacket& emit);
  std::int64_t place(const AVFrame& converted);
  void filter(AVFrame* frame, const EmitPacket& emit);
  void gather(AVFrame* frame, const EmitPacket& emit);
  void encode(AVFrame* frame, const EmitPacket& emit);
};

namespace {

// Some filters compute at a rate of their own (loudnorm at 192 kHz): the sound goes back to its own
// unless the chain says which it wants. 0: any.
int rate_after(const std::string& chain, int rate) {
  const bool says =
      chain.find("aresample") != std::string::npos || chain.find("aformat") != std::string::npos;
  return chain.empty() || says ? 0 : rate;
}

std::string joined(const std::string& first, const std::string& second) {
  return first + (first.empty() || second.empty() ? "" : ",") + second;
}

}  // namespace

AudioTranscoder::AudioTranscoder(const Input& input, const StreamPlan& stream, bool global_header)
    : impl_(std::make_unique<Impl>()) {
  take_libav_error();
  impl_->name = fmt::format("{}: audio stream #{}", input.info().name, stream.input_stream);
  impl_->stream = stream.input_stream;
  impl_->speed = input.info().speed;
  impl_->chain = joined(tempo_filters(impl_->speed), stream.filter);
  impl_->taken = impl_->taken_of_all = input.taken();
  impl_->moved = input.moved_by();
  impl_->silent_until = input.silent_until(stream.input_stream);
  const AVCodec* codec = avcodec_find_encoder_by_name(stream.encoder.c_str());
  impl_->open_decoder(*input.av()->streams[stream.input_stream]);
  impl_->open_encoder(*codec, stream.options, global_header);
}

AudioTranscoder::~AudioTranscoder() = default;
const AVCodecContext& AudioTranscoder::av() const { return *impl_->encoder; }
void AudioTranscoder::add_findings(Findings& found) {
  found.add({.changes = std::exchange(impl_->changes, {})});
}

void AudioTranscoder::Impl::open_decoder(const AVStream& in) {
  const AVCodec* codec = avcodec_find_decoder(in.codecpar->codec_id);
  if (!codec)
    fail(Fault::input, "{}: no decoder for {}", name, avcodec_get_name(in.codecpar->codec_id));
  decoder.reset(av::not_null(avcodec_alloc_context3(codec)));
  av::check(avcodec_parameters_to_context(decoder.get(), in.codecpar), name);
  decoder->pkt_timebase = in.time_base;
  decoder->thread_count = 1;
  av::check(avcodec_open2(decoder.get(), codec, nullptr), name);
  if (!part) form = form_of(decoder->sample_fmt, decoder->sample_rate, decoder->ch_layout);
}

void AudioTranscoder::Impl::open_encoder(const AVCodec& codec, const Options& options,
                                         bool global_header) {
  encoder.reset(av::not_null(avcodec_alloc_context3(&codec)));
  convert = AudioGraph(form, chain, conversion_for(codec, rate_after(chain, form.rate)), name);
  const AudioForm taken = convert.output();
  chunk = AudioGraph(taken, "", taken.as_conversion(), name);
  encoder->sample_fmt = taken.format;
  encoder->sample_rate = taken.rate;
  av::check(av_channel_layout_from_string(&encoder->ch_layout, taken.layout.c_str()), name);
  encoder->time_base = chunk.time_base();
  encoder->thread_count = 1;
  encoder->flags |= AV_CODEC_FLAG_BITEXACT;
  if (global_header) encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  av::Dictionary dictionary;
  for (const auto& [key, value] : options) dictionary.set(key, value);
  if (const int code = avcodec_open2(encoder.get(), &codec, dictionary.get()); code < 0) {
    const std::string reason = take_libav_error();
    fail(av::fault_of(code), "{}: {} does not take it: {}", name, codec.name,
         reason.empty() ? av::error_text(code) : reason);
  }
  if (encoder->frame_size > 0 && !(codec.capabilities & AV_CODEC_CAP_VARIABLE_FRAME_SIZE))
    chunk.give_frames_of(encoder->frame_size);
}

void AudioTranscoder::transcode(const Packet& packet, const EmitPacket& emit) {
  if (packet)
    if (std::shared_ptr<const Part> part = part_of(*packet.av()); part && part != impl_->part)
      impl_->turn_to(std::move(part), emit);
  impl_->decode(packet, emit);
  if (packet) return;
  impl_->fill_until(impl_->silent_until, emit);
  impl_->filter(nullptr, emit);
  impl_->gather(nullptr, emit);
  impl_->encode(nullptr, emit);
}

// The rest of the part before comes out first, then silence up to where the next one begins.
void AudioTranscoder::Impl::turn_to(std::shared_ptr<const Part> next, const EmitPacket& emit) {
  if (part) decode(Packet(), emit);
  const auto moved_back = [this](std::int64_t time) {
    return time == INT64_MIN || time == INT64_MAX ? time : minus(time, moved);
  };
  part = std::move(next);
  fill_until(part->number > 0 ? moved_back(part->sound.first) : INT64_MIN, emit);
  taken = {std::max(taken_of_all.first, moved_back(part->sound.first)),
           std::min(taken_of_all.end, moved_back(part->sound.end))};
  open_decoder(*part->context->streams[stream]);
}

void AudioTranscoder::Impl::fill_until(std::int64_t time, const EmitPacket& emit) {
  if (time == INT64_MIN) return;
  const std::int64_t begin = std::max<std::int64_t>(in_samples(taken_of_all.first), 0);
  const std::int64_t end = in_samples(std::min(time, taken_of_all.end));
  next_pts = std::max(next_pts == AV_NOPTS_VALUE ? begin : next_pts, begin);
  while (next_pts < end) {
    const av::FramePtr silence = av::make_frame();
    silence->format = form.format;
    silence->sample_rate = form.rate;
    silence->nb_samples = static_cast<int>(std::min<std::int64_t>(form.rate, end - next_pts));
    av::check(av_channel_layout_from_string(&silence->ch_layout, form.layout.c_str()), name);
    av::check(av_frame_get_buffer(silence.get(), 0), name);
    av_samples_set_silence(silence->extended_data, 0, silence->nb_samples,
                           silence->ch_layout.nb_channels, form.format);
    silence->pts = next_pts;
    next_pts = plus(next_pts, silence->nb_samples);
    filter(silence.get(), emit);
  }
}

void AudioTranscoder::Impl::decode(const Packet& packet, const EmitPacket& emit) {
  av::refused(avcodec_send_packet(decoder.get(), packet.av()));  // damage leaves a gap
  for (;;) {
    const av::FramePtr frame = av::make_frame();
    if (av::refused(avcodec_receive_frame(decoder.get(), frame.get()))) return;
    adopt(*frame, emit);
    if (first.rate == 0) first = form;
    if (form.rate != first.rate || form.layout != first.layout)
      ++changes[fmt::format("#{} audio changes to {}: converted to {}", stream, form.describe(),
                            chunk.output().describe())];
    frame->pts = time_of(*frame);
    next_pts = plus(frame->pts, frame->nb_samples);
    if (!cut(*frame)) continue;
    if (speed != 1) follow(*frame, emit);
    filter(frame.get(), emit);
  }
}

// In samples. Where the container rounds its times, the samples follow each other as long as they
// agree with them.
std::int64_t AudioTranscoder::Impl::time_of(const AVFrame& frame) const {
  const std::int64_t told = frame.best_effort_timestamp;
  if (told == AV_NOPTS_VALUE) return next_pts == AV_NOPTS_VALUE ? 0 : next_pts;
  const AVRational samples = {1, form.rate};
  const std::int64_t time = rescaled(told, decoder->pkt_timebase, samples);
  const std::int64_t tick = av_rescale_q_rnd(1, decoder->pkt_timebase, samples, AV_ROUND_UP);
  const bool agrees =
      next_pts != AV_NOPTS_VALUE && time < plus(next_pts, tick) && next_pts < plus(time, tick);
  return agrees ? next_pts : time;
}

std::int64_t AudioTranscoder::Impl::in_samples(std::int64_t time) const {
  return time == INT64_MIN || time == INT64_MAX ? time
                                                : rescaled(time, AV_TIME_BASE_Q, {1, form.rate});
}

// Leaves the samples of the part that is taken; false if there are none.
bool AudioTranscoder::Impl::cut(AVFrame& frame) const {
  const std::int64_t end = plus(frame.pts, frame.nb_samples);
  const std::int64_t first = std::max(frame.pts, in_samples(taken.first));
  const std::int64_t last = std::min(end, in_samples(taken.end));
  if (first >= last) return false;
  const int skipped = static_cast<int>(minus(first, frame.pts));
  frame.nb_samples = static_cast<int>(minus(last, first));
  if (skipped == 0) return true;
  av::check(av_frame_make_writable(&frame), name);
  av_samples_copy(frame.extended_data, frame.extended_data, 0, skipped, frame.nb_samples,
                  frame.ch_layout.nb_channels, form.format);
  frame.pts = first;
  return true;
}

// A broadcast may change from mono to stereo midway. The encoder cannot follow, so the conversion
// is replaced.
void AudioTranscoder::Impl::adopt(AVFrame& frame, const EmitPacket& emit) {
  const AudioForm now = form_of(frame.format, frame.sample_rate, frame.ch_layout);
  if (now == form) return;
  renew(now, emit);
  if (next_pts != AV_NOPTS_VALUE) next_pts = rescaled(next_pts, {1, form.rate}, {1, now.rate});
  form = now;
}

void AudioTranscoder::Impl::renew(const AudioForm& now, const EmitPacket& emit) {
  filter(nullptr, emit);
  convert = AudioGraph(now, chain, chunk.output().as_conversion(), name);
  run_end = AV_NOPTS_VALUE;
}

// Begins another run where this frame does not follow the last one.
void AudioTranscoder::Impl::follow(const AVFrame& frame, const EmitPacket& emit) {
  if (run_end != AV_NOPTS_VALUE && run_end != frame.pts) renew(form, emit);
  if (run_end == AV_NOPTS_VALUE) run = frame.pts;
  run_end = plus(frame.pts, frame.nb_samples);
}

// When it is heard in the output: a run begins at its time by the other speed, and its samples
// follow each other.
std::int64_t AudioTranscoder::Impl::place(const AVFrame& converted) {
  const std::int64_t time = rescaled(converted.pts, convert.time_base(), encoder->time_base);
  if (speed == 1) return time;
  const std::int64_t begin = rescaled(run, {1, form.rate}, encoder->time_base);
  const std::int64_t moved = std::llround(static_cast<double>(begin) / speed);
  const std::int64_t at = std::max(plus(moved, minus(time, begin)), placed);
  placed = plus(at, rescaled(converted.nb_samples, {1, encoder->sample_rate}, encoder->time_base));
  return at;
}

void AudioTranscoder::Impl::filter(AVFrame* frame, const EmitPacket& emit) {
  constexpr double most_after_end = 600;  // seconds; an echo is shorter, and `apad` has no end
  const double heard = static_cast<double>(next_pts - run) / speed;
  const double end = (static_cast<double>(run) + heard) / form.rate;
  convert.push(frame, [&](AVFrame* converted) {
    if (!frame && next_pts != AV_NOPTS_VALUE &&
        static_cast<double>(converted->pts) * av_q2d(convert.time_base()) > end + most_after_end)
      fail(Fault::input, "{}: filter \"{}\" does not end: it gives sound {:g} s after the input's",
           name, chain, most_after_end);
    converted->pts = place(*converted);
    gather(converted, emit);
  });
}

void AudioTranscoder::Impl::gather(AVFrame* frame, const EmitPacket& emit) {
  chunk.push(frame, [&](AVFrame* full) { encode(full, emit); });
}

void AudioTranscoder::Impl::encode(AVFrame* frame, const EmitPacket& emit) {
  av::check(avcodec_send_frame(encoder.get(), frame), name);
  for (;;) {
    std::shared_ptr<AVPacket> packet = av::make_packet();
    const int code = avcodec_receive_packet(encoder.get(), packet.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    av::check(code, name);
    packet->stream_index = stream;
    emit(Packet(std::move(packet)));
  }
}

}  // namespace quadrant
