// SPDX-License-Identifier: MIT
#include "pipeline/execute/session.h"

#include "pipeline/media/stitch.h"
#include "pipeline/observe/trace.h"

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

Session::Session(Input input, std::shared_ptr<const Plan> plan, const Unit& unit, InputMeter& meter,
                 FrameHashes* hashes, Observer* observer)
    : input_(std::move(input)),
      plan_(std::move(plan)),
      unit_(unit),
      meter_(meter),
      hashes_(hashes),
      observer_(observer),
      read_(meter.stage(InputMeter::read, "read")),
      write_(meter.stage(InputMeter::write, "write")) {}

Session::~Session() = default;

void Session::open(const UnitFile& file) {
  file_ = file;
  const OutputPlan& output = plan_->output;
  if (unit_.kind == Unit::Kind::segment) source_.emplace(input_, unit_.segment);
  if (unit_.has_video()) {
    decoder_.emplace(input_);
    encoder_.emplace(output.video, needs_global_header(output.container),
                     encoder_origin(shown_segment(*plan_, unit_.segment), output.video,
                                    plan_->result_time_base()));
  }
  if (unit_.kind != Unit::Kind::segment) transcoders_ = open_transcoders(input_, output);
  if (unit_.kind == Unit::Kind::whole && file.head.empty())
    output_.emplace<Muxer>(input_, output, *encoder_, transcoders_).open(file.path);
  else if (!file.path.empty())
    output_.emplace<PacketWriter>(file.path, file.head);
  input_.take_diagnostics();  // the plan reported them already, and seeking makes parsers complain
  if (hashes_ && unit_.has_video()) hashes_->begin(output.video.format, plan_->result_time_base());
}

Chain Session::chain(const TileLoops& loops, Admit admit) {
  Chain chain;
  Trace* trace = Trace::active();
  const char* of = trace ? trace->kept(name_in_trace()) : nullptr;
  if (unit_.has_video()) {
    const auto admit_ours = [admit = std::move(admit), of](FrameName name, Work& maker) {
      name.of = of;
      return admit(name, maker);
    };
    chain.push_back(
        std::make_unique<DecodeNode>(*decoder_, *plan_, unit_.segment, meter_, admit_ours));
    const FrameTap tap(observer_, unit_.segment, plan_->source.time_base);
    append_tap(chain, tap, InputMeter::decode);
    int index = InputMeter::first_stage;
    for (const Step& step : plan_->steps) {
      append_nodes(chain, step, loops, meter_, index, tap, admit_ours);
      name_new_nodes(chain, step.name());
    }
    append_tap(chain, tap, InputMeter::encode);
    name_new_nodes(chain, "encode");
  }
  chain.push_back(std::make_unique<EncodeNode>(unit_.has_video() ? &*encoder_ : nullptr,
                                               transcoders_, *plan_, unit_.segment, meter_, hashes_,
                                               pictures_));
  return chain;
}

std::string Session::name_in_trace() const {
  if (unit_.kind == Unit::Kind::whole) return plan_->input.name;
  return plan_->input.name + ", " + name_of(unit_);
}

Packet Session::read() {
  const double began = wall_seconds();
  Packet packet;
  read_.time([&] { packet = source_ ? source_->read() : next(); });
  read_.add_wait(wall_seconds() - began);
  if (const Diagnostics heard = input_.take_diagnostics(); heard.lines > 0)
    meter_.report({.reading = heard});
  return packet;
}

// For the rest: packets of all kept streams except the video, which the segments hold.
Packet Session::next() {
  for (;;) {
    Packet packet = input_.read();
    if (!packet) return packet;
    const int stream = packet.stream();
    if (stream >= static_cast<int>(plan_->input.streams.size())) {
      meter_.report({.unplanned = {stream}});
      continue;
    }
    if (unit_.has_video()) return packet;
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
    file->finish(file_.foot(pictures_));
}

}  // namespace quadrant
