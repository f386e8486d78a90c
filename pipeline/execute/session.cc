// SPDX-License-Identifier: MIT
#include "pipeline/execute/session.h"

#include "pipeline/execute/adapt.h"

namespace quadrant {

// Packets of the processed stream become frames; all other packets pass in their place.
class Session::DecodeLane final : public Lane {
 public:
  DecodeLane(Session& session, Admit admit)
      : session_(session),
        admit_(std::move(admit)),
        adapt_(session.plan_.source),
        meter_(session.meter_.stage("decode")) {}

  void push(Item item, const EmitItem& emit) override {
    const Packet* packet = std::get_if<Packet>(&item.what);
    const bool ours = packet && packet->stream() == session_.plan_.input.video;
    if (packet && !ours) return emit(std::move(item));
    decode(packet ? *packet : Packet(), emit);
    if (!packet) emit(std::move(item));
  }

 private:
  void decode(const Packet& packet, const EmitItem& emit) {
    std::vector<Frame> frames;
    meter_.time([&] {
      session_.decoder_->decode(packet, [&](Frame f) { frames.push_back(adapt_(std::move(f))); });
    });
    session_.meter_.decode_errors = session_.decoder_->errors();
    for (Frame& frame : frames) {
      ++session_.meter_.frames_in;
      emit(Item{0, Picture{{std::move(frame)}, 0, admit_()}});
    }
  }

  Session& session_;
  Admit admit_;
  Adapt adapt_;
  StageMeter& meter_;
};

// Frames become packets; audio that is encoded anew is done here too, in its place.
class Session::EncodeLane final : public Lane {
 public:
  explicit EncodeLane(Session& session)
      : session_(session), meter_(session.meter_.stage("encode")) {}

  void push(Item item, const EmitItem& emit) override {
    if (Picture* p = item.picture()) return encode(p->frame(), emit);
    if (const Packet* packet = std::get_if<Packet>(&item.what)) return pass(*packet, emit);
    encode(Frame(), emit);
    for (auto& [stream, transcoder] : session_.audio_) transcode(transcoder, Packet(), emit);
    emit(std::move(item));
  }

 private:
  void encode(const Frame& frame, const EmitItem& emit) {
    if (frame && session_.hashes_) session_.hashes_->add(frame);
    meter_.time([&] {
      session_.encoder_->encode(frame, [&](Packet made) {
        emit(Item{0, Coded{Coded::Kind::video, std::move(made)}});
      });
    });
    if (frame) ++session_.meter_.frames_out;
  }

  void pass(const Packet& packet, const EmitItem& emit) {
    for (auto& [stream, transcoder] : session_.audio_)
      if (stream == packet.stream()) return transcode(transcoder, packet, emit);
    emit(Item{0, Coded{Coded::Kind::copied, packet}});
  }

  void transcode(AudioTranscoder& transcoder, const Packet& packet, const EmitItem& emit) {
    transcoder.transcode(packet, [&](Packet made) {
      emit(Item{0, Coded{Coded::Kind::audio, std::move(made)}});
    });
  }

  Session& session_;
  StageMeter& meter_;
};

Session::Session(Input input, Plan plan, InputMeter& meter, FrameHashes* hashes)
    : input_(std::move(input)),
      plan_(std::move(plan)),
      meter_(meter),
      hashes_(hashes),
      read_(&meter.stage("read")),
      write_(nullptr) {}

Session::~Session() = default;

int Session::threads() const {
  // libx264, the common case, keeps one thread more for its lookahead; one thread means none.
  const int encoder = plan_.output.video.threads;
  return encoder > 1 ? encoder + 1 : 0;
}

void Session::open(const std::string& path) {
  const bool global_header = needs_global_header(plan_.output.container);
  decoder_.emplace(input_);
  encoder_.emplace(plan_.output.video, global_header);
  std::vector<std::pair<int, const AVCodecContext*>> audio;
  for (const StreamPlan& s : plan_.output.streams)
    if (s.action == StreamPlan::Action::encode && s.input_stream != plan_.input.video)
      audio_.emplace_back(s.input_stream,
                          AudioTranscoder(input_, s.input_stream, plan_.output.audio_encoder,
                                          plan_.output.audio_options, global_header));
  for (auto& [stream, transcoder] : audio_) audio.emplace_back(stream, &transcoder.av());
  muxer_.emplace(input_, plan_.output, *encoder_, audio);
  muxer_->open(path);
  if (hashes_)
    hashes_->begin(plan_.output.video.format, plan_.steps.empty()
                                                  ? plan_.source.time_base
                                                  : plan_.steps.back().out().time_base);
}

Chain Session::chain(const Spread& spread, Admit admit) {
  Chain chain;
  chain.push_back(std::make_unique<DecodeLane>(*this, std::move(admit)));
  for (const Step& step : plan_.steps) append_nodes(chain, step, spread, meter_);
  chain.push_back(std::make_unique<EncodeLane>(*this));
  write_ = &meter_.stage("write");
  return chain;
}

Packet Session::read() {
  const double began = wall_seconds();
  Packet packet;
  read_->time([&] { packet = input_.read(); });
  read_->add_wait(wall_seconds() - began);
  return packet;
}

void Session::write(const Coded& coded) {
  const double began = wall_seconds();
  write_->time([&] { muxer_->write(coded); });
  write_->add_wait(wall_seconds() - began);
}

void Session::finish() { muxer_->finish(); }

}  // namespace quadrant
