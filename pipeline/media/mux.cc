// SPDX-License-Identifier: MIT
#include "pipeline/media/mux.h"

#include <algorithm>

#include "pipeline/media/av.h"
#include "pipeline/media/log.h"
#include "pipeline/media/mux_streams.h"
#include "pipeline/media/standard_output.h"
#include "pipeline/media/ticks.h"
#include "pipeline/media/verify.h"

namespace quadrant {
namespace {
constexpr std::int64_t queue_limit = 64 << 20;
}

struct Muxer::Impl {
  struct Track {  // one stream of the output
    AVStream* stream = nullptr;
    bool used = false;              // has packets
    AVRational packet_time_base{};  // of incoming packets
    std::int64_t last_dts = AV_NOPTS_VALUE, next_dts = 0;
  };
  AVFormatContext* context = nullptr;
  OutputPlan plan;
  std::string path;
  std::unique_ptr<StandardOutput> pipe;  // in place of a file
  Track unplanned;            // for streams that appeared after the header, which have no place
  std::vector<Track> tracks;  // by input stream; stream is null if left out
  int video = 0;              // input stream to encode
  Written written;            // so far
  const StopFlag* stop = nullptr;
  std::int64_t queued = 0, told = 0;  // bytes that libavformat holds back; last position
  std::uint8_t* memory = nullptr;     // for try_header()

  ~Impl();
  void write_header();
  void check(int code, const std::string& doing) const;
  void place(AVPacket& packet, Track& track);
  Track& track_of(const Coded& coded);
  void count(const AVPacket& packet, const Track& track);
  void keep_small(const AVPacket& packet);
};

namespace {

bool names_files_itself(const AVFormatContext& context) {
  return context.oformat->flags & AVFMT_NOFILE;
}

}  // namespace

Muxer::Impl::~Impl() {
  if (!context) return;
  if (context->pb && !names_files_itself(*context) && !pipe) {
    if (path.empty()) {
      avio_close_dyn_buf(context->pb, &memory);
      av_freep(&memory);
    } else {
      avio_closep(&context->pb);
    }
  }
  avformat_free_context(context);
}

Muxer::Muxer(const Input& input, const OutputPlan& plan, const Encoder& video,
             const Transcoders& others)
    : impl_(std::make_unique<Impl>()) {
  Impl& m = *impl_;
  m.plan = plan;
  m.stop = &input.stop();
  m.video = input.info().video;
  m.context = new_output_context(plan.container);
  m.tracks.resize(input.info().streams.size());
  for (const StreamPlan& s : plan.streams) {
    if (s.action == StreamPlan::Action::leave_out) continue;
    Impl::Track& track = m.tracks[static_cast<std::size_t>(s.input_stream)];
    const AVStream& in = *input.av()->streams[s.input_stream];
    const AVCodecContext* encoder = s.input_stream == m.video ? &video.av() : nullptr;
    for (const auto& [stream, transcoder] : others)
      if (stream == s.input_stream) encoder = &transcoder->av();
    track.packet_time_base =
        encoder ? encoder->time_base : av::to_av(input.time_base(s.input_stream));
    track.stream =
        encoder ? add_encoded_stream(*m.context, *encoder, in) : add_copied_stream(*m.context, in);
    if (!encoder) track.stream->time_base = track.packet_time_base;
    if (s.input_stream == m.video && plan.video.tag != 0)
      track.stream->codecpar->codec_tag = plan.video.tag;
    // An attachment's name and type belong to the file itself; they are not tags about it.
    const bool attached = track.stream->codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT;
    if (plan.keep_metadata || attached) copy_stream_metadata(*track.stream, in, encoder != nullptr);
    if (s.input_stream == m.video && !plan.keep_rotation) drop_rotation(*track.stream);
  }
  if (plan.keep_metadata) copy_metadata(*m.context, *input.av());
  if (plan.keep_chapters) copy_chapters(*m.context, *input.av());
}

Muxer::~Muxer() = default;
Muxer::Muxer(Muxer&&) noexcept = default;

void Muxer::Impl::check(int code, const std::string& doing) const {
  const std::string reason = take_libav_error();
  if (code >= 0) return;
  if (pipe && (code == AVERROR_EXIT || stop->raised()))
    fail(Fault::stopped, "standard output: stopped");
  if (pipe && code == AVERROR(EPIPE))
    fail(Fault::input, "standard output: its reader closed it before the end");
  fail(av::fault_of(code), "{}: {}: {}{}{}{}",
       path.empty() ? plan.container
       : pipe       ? "standard output"
                    : path,
       doing, av::error_text(code), reason.empty() ? "" : " (", reason, reason.empty() ? "" : ")");
}

Muxer::Impl::Track& Muxer::Impl::track_of(const Coded& coded) {
  const auto stream =
      static_cast<std::size_t>(coded.kind == Coded::Kind::video ? video : coded.packet.stream());
  return stream < tracks.size() ? tracks[stream] : unplanned;
}

void Muxer::Impl::write_header() {
  av::Dictionary options;
  for (const auto& [name, value] : plan.muxer_options) options.set(name, value);
  if (prefers_profile(*context)) options.append("movflags", "+prefer_icc");
  if (plan.images && !plan.sequence) options.set("update", "1");
  check(avformat_write_header(context, options.get()), "cannot write the header");
}

void Muxer::open(const std::string& path) {
  Impl& m = *impl_;
  m.path = path;
  if (is_standard_output(path)) {
    m.pipe = std::make_unique<StandardOutput>(*m.stop);
    m.context->pb = m.pipe->context();
    return m.write_header();
  }
  m.context->url = av::not_null(av_strdup(("file:" + path).c_str()));  // never as another URL
  if (!names_files_itself(*m.context))
    m.check(avio_open(&m.context->pb, m.context->url, AVIO_FLAG_WRITE), "cannot be written");
  m.write_header();
}

void Muxer::try_header() {
  Impl& m = *impl_;
  if (names_files_itself(*m.context)) return;
  m.check(avio_open_dyn_buf(&m.context->pb), "memory");
  m.write_header();
}

// Moves a packet to the output's clock, with what muxers require: a dts that never decreases.
void Muxer::Impl::place(AVPacket& packet, Track& track) {
  av_packet_rescale_ts(&packet, track.packet_time_base, track.stream->time_base);
  if (packet.dts == AV_NOPTS_VALUE)
    packet.dts = packet.pts != AV_NOPTS_VALUE ? packet.pts : track.next_dts;
  const bool strict = !(context->oformat->flags & AVFMT_TS_NONSTRICT);
  if (track.last_dts != AV_NOPTS_VALUE)
    packet.dts = std::max(packet.dts, plus(track.last_dts, strict ? 1 : 0));
  packet.pts = packet.pts == AV_NOPTS_VALUE ? packet.dts : std::max(packet.pts, packet.dts);
  track.last_dts = packet.dts;
  track.next_dts = plus(packet.dts, packet.duration);
  packet.stream_index = track.stream->index;
  packet.pos = -1;
}

void Muxer::Impl::count(const AVPacket& packet, const Track& track) {
  const double time = static_cast<double>(packet.pts) * av_q2d(track.stream->time_base);
  if (written.pictures == 0) written.first_seconds = written.last_seconds = time;
  ++written.pictures;
  written.first_seconds = std::min(written.first_seconds, time);
  written.last_seconds = std::max(written.last_seconds, time);
}

// A muxer that waits for a stream that has ended, or starts late, would hold back all others.
void Muxer::Impl::keep_small(const AVPacket& packet) {
  queued += packet.size;
  const std::int64_t now = context->pb ? avio_tell(context->pb) : 0;
  queued = std::max<std::int64_t>(0, queued - (now - told));
  told = now;
  if (queued < queue_limit) return;
  check(av_interleaved_write_frame(context, nullptr), "cannot be written");
  queued = 0;
}

bool Muxer::comes_first(const Coded& a, const Coded& b) const {
  const AVPacket &first = *a.packet.av(), &second = *b.packet.av();
  if (second.dts == AV_NOPTS_VALUE) return false;
  if (first.dts == AV_NOPTS_VALUE) return true;
  return av_compare_ts(first.dts, impl_->track_of(a).packet_time_base, second.dts,
                       impl_->track_of(b).packet_time_base) <= 0;
}

void Muxer::write(const Coded& coded) {
  Impl& m = *impl_;
  Impl::Track& track = m.track_of(coded);
  if (track.stream == nullptr) return;  // left out by the plan
  if (track.stream->codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT)
    return;  // a cover, which is in the header
  const av::PacketPtr packet(av::not_null(av_packet_clone(coded.packet.av())));
  m.place(*packet, track);
  if (!std::exchange(track.used, true)) ++m.written.streams;
  if (coded.kind == Coded::Kind::video) m.count(*packet, track);
  if (m.plan.images && m.written.pictures > 1 && !m.plan.sequence)
    fail(Fault::input,
         "the output holds one picture, and the input has more; a pattern such as frame-%05d makes "
         "a sequence");
  m.keep_small(*packet);
  m.check(av_interleaved_write_frame(m.context, packet.get()), "cannot be written");
  // A full disk shows here first: libavformat notes the error and reports it with a later packet.
  if (m.context->pb) m.check(m.context->pb->error, "cannot be written");
}

void Muxer::finish() {
  Impl& m = *impl_;
  m.check(av_write_trailer(m.context), "cannot be finished");
  if (names_files_itself(*m.context)) return;
  avio_flush(m.context->pb);
  const int noted = m.context->pb->error;
  if (m.pipe) return m.check(noted, "cannot be written");  // and what is written cannot be read
  const int closed = avio_closep(&m.context->pb);
  m.check(noted < 0 ? noted : closed, "cannot be written");
  m.written.container = m.plan.container;
  m.written.kept = m.plan.kept;
  check_written(m.path, m.written, *m.stop);
}

}  // namespace quadrant
