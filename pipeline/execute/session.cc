// SPDX-License-Identifier: MIT
#include "pipeline/execute/session.h"

#include "pipeline/media/stitch.h"
#include "pipeline/observe/trace.h"
#include "pipeline/plan/bounds.h"

namespace quadrant {
namespace {

void name_new_nodes(Chain& chain, const std::string& name) {
  for (Node& node : chain)
    std::visit(
        [&](auto& work) {
          if (work->name.empty()) work->name = name;
        },
        node);
}

}  // namespace

Part part_of(const Segment& segment) { return {.kind = Part::Kind::segment, .segment = segment}; }
Part rest_part() { return {.kind = Part::Kind::rest}; }

std::string name_of(const Part& part) {
  switch (part.kind) {
    case Part::Kind::rest: return "sound and other streams";
    case Part::Kind::segment: return fmt::format("segment {}", part.segment.index + 1);
    case Part::Kind::whole: break;
  }
  return "all of it";
}

Session::Session(Input input, std::shared_ptr<const Plan> plan, Part part, InputMeter& meter,
                 FrameHashes* hashes, Observer* observer)
    : input_(std::move(input)),
      plan_(std::move(plan)),
      part_(std::move(part)),
      meter_(meter),
      hashes_(hashes),
      observer_(observer),
      read_(meter.stage(InputMeter::read, "read")),
      write_(meter.stage(InputMeter::write, "write")) {}

Session::~Session() = default;

int Session::threads() const {
  return has_video() ? encoder_threads(plan_->output.video.threads) : 0;
}

void Session::open(const std::string& path) {
  const OutputPlan& output = plan_->output;
  if (part_.kind == Part::Kind::segment) source_.emplace(input_, part_.segment);
  if (has_video()) {
    decoder_.emplace(input_);
    encoder_.emplace(output.video, needs_global_header(output.container),
                     encoder_origin(part_.segment, output.video, plan_->source.time_base));
  }
  if (part_.kind != Part::Kind::segment) audio_ = open_transcoders(input_, output);
  if (part_.kind == Part::Kind::whole && part_.head.empty())
    output_.emplace<Muxer>(input_, output, *encoder_, audio_).open(path);
  else if (!path.empty())
    output_.emplace<PacketWriter>(path, part_.head);
  input_.take_complaints();  // told once, by whoever planned; and seeking alarms parsers
  if (hashes_ && has_video()) hashes_->begin(output.video.format, plan_->result_time_base());
}

Chain Session::chain(const Spread& spread, Admit admit) {
  Chain chain;
  Trace* trace = Trace::active();
  const char* of = trace ? trace->kept(name_in_trace()) : nullptr;
  if (has_video()) {
    const auto admit_ours = [admit = std::move(admit), of](FrameName name) {
      name.of = of;
      return admit(name);
    };
    chain.push_back(std::make_unique<DecodeLane>(*decoder_, plan_->input.video, plan_->source,
                                                 part_.segment, meter_, admit_ours));
    const Lookout lookout(observer_, part_.segment);
    append_lookout(chain, lookout, InputMeter::decode);
    int place = InputMeter::first_stage;
    for (const Step& step : plan_->steps) {
      append_nodes(chain, step, spread, meter_, place, lookout);
      name_new_nodes(chain, step.name());
    }
    append_lookout(chain, lookout, InputMeter::encode);
    name_new_nodes(chain, "encode");
  }
  chain.push_back(std::make_unique<EncodeLane>(has_video() ? &*encoder_ : nullptr, audio_,
                                               part_.segment, meter_, hashes_, pictures_));
  return chain;
}

std::string Session::name_in_trace() const {
  if (part_.kind == Part::Kind::whole) return plan_->input.name;
  return plan_->input.name + ", " + name_of(part_);
}

Packet Session::read() {
  const double began = wall_seconds();
  Packet packet;
  read_.time([&] { packet = source_ ? source_->read() : next(); });
  read_.add_wait(wall_seconds() - began);
  meter_.complain(InputMeter::read, input_.take_complaints());
  return packet;
}

// Of the rest: all that the output keeps, but the video, which the segments have.
Packet Session::next() {
  for (;;) {
    Packet packet = input_.read();
    if (!packet) return packet;
    const int stream = packet.stream();
    if (stream >= static_cast<int>(plan_->input.streams.size())) {
      meter_.saw_unplanned(stream);
      continue;
    }
    if (has_video()) return packet;
    if (stream != plan_->input.video && plan_->output.keeps(stream)) return packet;
  }
}

void Session::write(const Coded& coded) {
  const double began = wall_seconds();
  write_.time([&] {
    if (auto* muxer = std::get_if<Muxer>(&output_))
      muxer->write(coded);
    else if (auto* file = std::get_if<PacketWriter>(&output_))
      file->write(coded);
  });
  write_.add_wait(wall_seconds() - began);
}

void Session::finish() {
  if (auto* muxer = std::get_if<Muxer>(&output_))
    muxer->finish();
  else if (auto* file = std::get_if<PacketWriter>(&output_))
    file->finish(part_.foot(pictures_));
}

}  // namespace quadrant
