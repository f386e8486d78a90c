// SPDX-License-Identifier: MIT
#include "pipeline/media/decode.h"

#include <algorithm>
#include <cstring>

#include "pipeline/contract/frame.h"
#include "pipeline/media/av.h"
#include "pipeline/media/log.h"
#include "pipeline/media/part.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/ticks.h"
#include "pipeline/tsan_annotations.h"

namespace quadrant {

struct Decoder::Impl {
  std::string input_name;
  av::CodecPtr codec;
  Rational time_base, frame_rate;
  Input::Ticks taken;  // pictures of other times are only decoded
  AVFormatContext* context = nullptr;
  AVStream* stream = nullptr;
  std::int64_t next_pts = 0;  // for frames without any time
  std::int64_t last_pts = INT64_MIN, last_taken = INT64_MIN;
  std::int64_t default_duration = 0;  // ticks; 0: unknown
  std::int64_t errors = 0;
  std::vector<std::int64_t> sent;  // pts of the packets before the first frame
  std::int64_t skipped = 0;
  TimeOf time_of_frame = TimeOf::told;
  Diagnostics diagnostics;

  bool each_has_its_own = false;     // ICC profile
  bool lacks_memory = false;         // for a frame: decoders conceal that as they do damage
  Input::Ticks taken_of_all;         // of an input with parts, of which each has its own `taken`
  std::int64_t moved = 0;            // see Input::moved_by()
  std::shared_ptr<const Part> part;  // that is decoded; null: the input has none

  void open(AVFormatContext& of, AVStream& decoded);
  void turn_to(std::shared_ptr<const Part> next, const std::function<void(Frame)>& emit);
  bool takes(std::int64_t pts) const { return pts >= taken.first && pts < taken.end; }
  Frame finish(av::FramePtr frame);
  void add_profile(AVFrame& frame) const;
  void add_orientation(AVFrame& frame) const;
  void receive(const std::function<void(Frame)>& emit);
};

namespace {

const AVCodec* find_decoder(const AVStream& stream, const std::string& input_name) {
  const AVCodec* found = avcodec_find_decoder(stream.codecpar->codec_id);
  if (!found)
    fail(Fault::input, "{}: the installed libavcodec has no decoder for {}", input_name,
         avcodec_get_name(stream.codecpar->codec_id));
  return found;
}

// libavcodec recycles the buffers of frames and leaves those samples of a damaged picture alone
// that it cannot decode. They would be samples of an earlier frame, and of which one depends on how
// many frames are in progress. Clearing costs nothing that can be measured (0.94 to 1.02 of the CPU
// time of decoding alone, H.264, HEVC, VP9, MPEG-2, MJPEG and ProRes at 1080p): the decoder writes
// to memory that is in the cache then.
int get_cleared_buffer(AVCodecContext* codec, AVFrame* frame, int flags) {
  const int code = avcodec_default_get_buffer2(codec, frame, flags);
  if (code == AVERROR(ENOMEM)) *static_cast<bool*>(codec->opaque) = true;
  if (code < 0) return code;
  for (AVBufferRef* plane : frame->buf)
    if (plane) {
      happens_after(plane->data);
      std::memset(plane->data, 0, plane->size);
    }
  return code;
}

}  // namespace

bool is_damaged(const Frame& frame) {
  return frame.av()->decode_error_flags != 0 || frame.av()->flags & AV_FRAME_FLAG_CORRUPT;
}

Decoder::Decoder(const Input& input) : impl_(std::make_unique<Impl>()) {
  AVStream& stream = *input.av()->streams[input.info().video];
  impl_->input_name = input.info().name;
  impl_->time_base = input.time_base(input.info().video);
  impl_->taken = impl_->taken_of_all = input.taken_of(input.info().video);
  impl_->moved = input.moved_by(input.info().video);
  impl_->frame_rate = input.info().video_stream().format.frame_rate;
  impl_->each_has_its_own = input.info().is_of_pictures();
  impl_->open(*input.av(), stream);
}

void Decoder::Impl::open(AVFormatContext& of, AVStream& decoded) {
  const std::string& name = part ? part->name : input_name;
  const AVCodec* decoder = find_decoder(decoded, name);
  codec.reset(av::not_null(avcodec_alloc_context3(decoder)));
  av::check(avcodec_parameters_to_context(codec.get(), decoded.codecpar), name);
  codec->pkt_timebase = decoded.time_base;
  codec->framerate = decoded.avg_frame_rate;
  codec->thread_count = 1;
  codec->get_buffer2 = get_cleared_buffer;
  codec->opaque = &lacks_memory;
  // Without this flag libavcodec cuts columns off at the left only where the rest begins at an
  // address that suits SIMD, and the picture is wider than the stream says.
  codec->flags |= AV_CODEC_FLAG_UNALIGNED;
  av::check(avcodec_open2(codec.get(), decoder, nullptr),
            fmt::format("{}: cannot decode {}", name, decoder->name));
  context = &of;
  stream = &decoded;
  const AVRational rate = av_guess_frame_rate(context, stream, nullptr);
  default_duration = rate.num > 0 ? av_rescale_q(1, av_inv_q(rate), stream->time_base) : 0;
}

// The rest of the part before comes out first.
void Decoder::Impl::turn_to(std::shared_ptr<const Part> next,
                            const std::function<void(Frame)>& emit) {
  if (part) {
    av::refused(avcodec_send_packet(codec.get(), nullptr));
    receive(emit);
  }
  part = std::move(next);
  const auto moved_back = [this](std::int64_t time) {
    return time == INT64_MIN || time == INT64_MAX ? time : minus(time, moved);
  };
  taken = {std::max(taken_of_all.first, moved_back(part->pictures.first)),
           std::min(taken_of_all.end, moved_back(part->pictures.end))};
  last_pts = last_taken;  // what was only decoded may be of later times
  if (taken.first != INT64_MIN) next_pts = taken.first;
  open(*part->context, *part->context->streams[0]);
}

Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
std::int64_t Decoder::errors() const { return impl_->errors; }
std::int64_t Decoder::skipped_at_start() const { return impl_->skipped; }
Decoder::TimeOf Decoder::time_of_frame() const { return impl_->time_of_frame; }
Diagnostics Decoder::take_diagnostics() { return std::exchange(impl_->diagnostics, {}); }

void Decoder::decode(const Packet& packet, const std::function<void(Frame)>& emit) {
  if (packet)
    if (std::shared_ptr<const Part> part = part_of(*packet.av()); part && part != impl_->part)
      impl_->turn_to(std::move(part), emit);
  // As in FFmpeg, libavcodec conceals damage, we count it, and the other frames continue.
  constexpr std::size_t most_sent = 10'000;
  if (impl_->last_pts == INT64_MIN && packet && impl_->sent.size() < most_sent &&
      packet.av()->pts != AV_NOPTS_VALUE && impl_->takes(packet.av()->pts) &&
      !(packet.av()->flags & AV_PKT_FLAG_DISCARD))
    impl_->sent.push_back(packet.av()->pts);
  quadrant::take_diagnostics();  // drops messages from other work of this thread
  if (packet && is_encrypted(*packet.av()))
    fail(Fault::input, "{}: the video is {}", impl_->input_name, encrypted);
  int code = avcodec_send_packet(impl_->codec.get(), packet.av());
  if (code == AVERROR(ENOMEM)) av::check(code, impl_->input_name + ": decoder");
  const std::int64_t errors = impl_->errors;
  if (code < 0 && code != AVERROR_EOF) ++impl_->errors;
  impl_->receive(emit);
  const Diagnostics heard = quadrant::take_diagnostics();
  if (impl_->lacks_memory || (heard.lines > 0 && !av::is_memory_left()))
    fail(Fault::temporary, "{}: decoder: out of memory", impl_->input_name);
  const bool counts =
      !packet || packet.av()->pts == AV_NOPTS_VALUE || impl_->takes(packet.av()->pts);
  if (counts)
    impl_->diagnostics.add(heard);
  else
    impl_->errors = errors;
}

void Decoder::Impl::receive(const std::function<void(Frame)>& emit) {
  for (;;) {
    av::FramePtr frame = av::make_frame();
    const int code = avcodec_receive_frame(codec.get(), frame.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    if (code == AVERROR(ENOMEM)) av::check(code, input_name + ": decoder");
    if (code < 0) {
      ++errors;
      return;
    }
    Frame finished = finish(std::move(frame));
    if (!takes(finished.pts())) continue;
    last_taken = finished.pts();
    emit(std::move(finished));
  }
}

// libavcodec before FFmpeg 6.1 does not pass a stream's ICC profile on to its frames.
void Decoder::Impl::add_profile(AVFrame& frame) const {
#if LIBAVCODEC_VERSION_INT < AV_VERSION_INT(60, 31, 102)
  const std::span<const std::uint8_t> profile = side_data_of(*stream, AV_PKT_DATA_ICC_PROFILE);
  if (!profile.data() || each_has_its_own ||
      av_frame_get_side_data(&frame, AV_FRAME_DATA_ICC_PROFILE))
    return;
  AVFrameSideData* made =
      av::not_null(av_frame_new_side_data(&frame, AV_FRAME_DATA_ICC_PROFILE, profile.size()));
  std::ranges::copy(profile, made->data);
#else
  static_cast<void>(frame);
#endif
}

// Where the containers of an input's parts tell different orientations, its frames tell them.
void Decoder::Impl::add_orientation(AVFrame& frame) const {
  const std::span<const std::uint8_t> matrix = side_data_of(*stream, AV_PKT_DATA_DISPLAYMATRIX);
  if (!matrix.data() || av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX)) return;
  AVFrameSideData* made =
      av::not_null(av_frame_new_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX, matrix.size()));
  std::ranges::copy(matrix, made->data);
}

// Sets the frame's time: libavcodec's best guess (AVFrame.best_effort_timestamp), or the end of the
// previous frame. Damaged streams may step back in time; a later frame never gets an earlier time
// (FFmpeg's filters and muxers require that too).
Frame Decoder::Impl::finish(av::FramePtr frame) {
  const std::int64_t known = frame->best_effort_timestamp;
  if (last_pts == INT64_MIN && takes(known))
    skipped = std::ranges::count_if(sent, [known](std::int64_t pts) { return pts < known; });
  std::int64_t& duration = av::frame_duration(*frame);
  // Of a picture that came as two packets, a field each, it is that of one field.
  if (duration <= 0 || (av::is_interlaced(*frame) && plus(duration, duration) == default_duration))
    duration = default_duration;
  time_of_frame = known == AV_NOPTS_VALUE                      ? TimeOf::missing
                  : last_pts != INT64_MIN && known <= last_pts ? TimeOf::repeated
                                                               : TimeOf::told;
  frame->pts = std::max(known == AV_NOPTS_VALUE ? next_pts : known, last_pts);
  last_pts = frame->pts;
  next_pts = plus(frame->pts, duration);
  add_profile(*frame);
  if (part && part->turns_its_own) add_orientation(*frame);
  // The container's ratio, if it has one, holds for all pictures.
  for (AVFrame* of : {frame.get(), static_cast<AVFrame*>(nullptr)})
    if (frame->sample_aspect_ratio = av_guess_sample_aspect_ratio(context, stream, of);
        frame->sample_aspect_ratio.num > 0)
      break;
  return Frame(std::move(frame), time_base, frame_rate);
}

}  // namespace quadrant
