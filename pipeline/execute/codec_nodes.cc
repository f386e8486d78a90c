// SPDX-License-Identifier: MIT
#include "pipeline/execute/codec_nodes.h"

#include "pipeline/counted.h"
#include "pipeline/plan/plan.h"

namespace quadrant {
namespace {

TimeSpan span_of(const Frame& frame) {
  const double tick = frame.format().time_base.value();
  const double begin = static_cast<double>(frame.pts()) * tick;
  return {begin, begin + static_cast<double>(frame.duration()) * tick};
}

}  // namespace

DecodeNode::DecodeNode(Decoder& decoder, const Plan& plan, const Segment& segment,
                       InputMeter& meter, Admit admit)
    : decoder_(decoder),
      stream_(plan.input.video),
      segment_(segment),
      meter_(meter),
      time_(meter.stage(InputMeter::decode, "decode")),
      admit_(std::move(admit)),
      adapt_(plan),
      has_times_(plan.input.has_times()),
      carried_(plan.output) {
  name = "decode";
}

void DecodeNode::push(Item item, const EmitItem& emit) {
  const Packet* packet = std::get_if<Packet>(&item.what);
  const bool ours = packet && packet->stream() == stream_;
  if (packet && !ours) return emit(std::move(item));
  meter_.packets_in += ours;
  found_.packets += ours;
  decode(packet ? *packet : Packet(), emit);
  if (packet) return;
  meter_.report(found_);
  emit(std::move(item));
}

void DecodeNode::decode(const Packet& packet, const EmitItem& emit) {
  std::vector<Frame> frames;
  time_.time([&] {
    decoder_.decode(packet, [&](Frame f) {
      if (segment_.gives(f.pts())) look_at(f);
      if (f.pts() >= segment_.first && f.pts() <= segment_.last)
        frames.push_back(adapted(std::move(f)));
    });
  });
  count_errors(packet);
  if (segment_.key_pts == Segment::start) find_skipped();
  for (Frame& frame : frames) {
    if (segment_.gives(frame.pts())) {
      ++meter_.frames_in;
      found_.damaged += is_damaged(frame);
      found_.decoded.add(span_of(frame));
    }
    const FrameName name = name_of(frame);
    emit(Item{0, Picture{{std::move(frame)}, 0, admit_(name, *this)}});
  }
}

// What the plan could not know: it saw the first picture only.
void DecodeNode::look_at(const Frame& frame) {
  const Decoder::TimeOf time = has_times_ ? decoder_.time_of_frame() : Decoder::TimeOf::told;
  found_.untimed += time == Decoder::TimeOf::missing;
  found_.repeated += time == Decoder::TimeOf::repeated;
  for (const std::string& lost : carried_.lost_with(frame))
    found_.late.try_emplace(fmt::format("#{} video: {}", stream_, lost), span_of(frame).begin);
}

Frame DecodeNode::adapted(Frame frame) {
  const bool is_given = segment_.gives(frame.pts());
  frame = adapt_(std::move(frame));
  if (is_given && !adapt_.change().empty())
    ++found_.changes[fmt::format("#{} {}", stream_, adapt_.change())];
  return frame;
}

// Of packets that two segments decode, the one counts that shows the picture: after a keyframe that
// is none for the decoder (an open group's), it complains about pictures that nobody shows.
void DecodeNode::count_errors(const Packet& packet) {
  const std::int64_t errors = decoder_.errors() - errors_;
  const Diagnostics told = decoder_.take_diagnostics();
  errors_ = decoder_.errors();
  if (packet && !segment_.gives(packet.pts().value_or(segment_.first))) return;
  found_.decoding.add(told);
  found_.undecoded += errors;
  meter_.decode_errors += errors;
}

void DecodeNode::find_skipped() {
  if (skipped_ == decoder_.skipped_at_start()) return;
  skipped_ = decoder_.skipped_at_start();
  found_.decoding.add({1, fmt::format("{} at the beginning cannot be decoded, for what they build "
                                      "on is missing",
                                      counted(skipped_, "picture"))});
}

FrameName DecodeNode::name_of(const Frame& frame) {
  const double seconds = static_cast<double>(frame.pts()) * frame.format().time_base.value();
  if (segment_.gives(frame.pts())) return {.number = ++found_.pictures, .seconds = seconds};
  return {.what = "frame to warm up", .seconds = seconds};
}

EncodeNode::EncodeNode(Encoder* encoder, Transcoders& others, const Plan& plan,
                       const Segment& segment, InputMeter& meter, FrameHashes* hashes,
                       std::int64_t& pictures)
    : encoder_(encoder),
      others_(others),
      is_late_start_(plan.input.taken.start > 0),
      segment_(shown_segment(plan, segment)),
      meter_(meter),
      time_(meter.stage(InputMeter::encode, "encode")),
      hashes_(hashes),
      pictures_(pictures) {
  name = "encode";
}

void EncodeNode::push(Item item, const EmitItem& emit) {
  if (Picture* p = item.picture()) {
    if (!segment_.gives(p->frame().pts())) return;
    found_.encoded.add(span_of(p->frame()));
    return encode(p->frame(), emit);
  }
  if (const Packet* packet = std::get_if<Packet>(&item.what)) return pass(*packet, emit);
  encode(Frame(), emit);
  for (auto& [stream, transcoder] : others_) transcode(*transcoder, Packet(), emit);
  meter_.report(found_);
  emit(std::move(item));
}

void EncodeNode::encode(const Frame& frame, const EmitItem& emit) {
  if (!encoder_) return;
  if (frame && hashes_) hashes_->add(frame);
  std::vector<Packet> made;
  time_.time([&] {
    encoder_->encode(frame, [&](Packet p) {
      made.push_back(std::move(p));
      ++meter_.packets_out;  // one by one: at the end an encoder may be busy with many for long
    });
  });
  for (Packet& packet : made) emit(Item{0, Coded{Coded::Kind::video, std::move(packet)}});
  if (!frame) return;
  ++pictures_;
  ++found_.taken;
  ++meter_.frames_out;
}

void EncodeNode::pass(const Packet& packet, const EmitItem& emit) {
  for (auto& [stream, transcoder] : others_)
    if (stream == packet.stream()) return transcode(*transcoder, packet, emit);
  if (packet.is_hidden() || (is_late_start_ && packet.pts().value_or(0) < 0)) return;
  emit(Item{0, Coded{Coded::Kind::copied, packet}});
}

void EncodeNode::transcode(Transcoder& transcoder, const Packet& packet, const EmitItem& emit) {
  transcoder.transcode(packet, [&](Packet made) {
    emit(Item{0, Coded{Coded::Kind::transcoded, std::move(made)}});
  });
  transcoder.add_findings(found_);
}

}  // namespace quadrant
