// SPDX-License-Identifier: MIT
// One input, or a part of one, on its way: everything that is open for it. A session is what an
// executor drives:
//
//   read() ─▶ decode ─▶ step ─▶ … ─▶ encode ─▶ write()
//   storage   └──────── chain(): lanes and maps ───┘   storage
//
// read() and write() may wait for storage and are called by one thread at a time; the chain
// computes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "pipeline/execute/codec_lanes.h"
#include "pipeline/execute/nodes.h"
#include "pipeline/media/packet_file.h"
#include "pipeline/plan/plan.h"

namespace quadrant {

// What a session does of its input. An uncut input is done as a whole, into the output itself, or
// with a head into a packet file in the muxer's order; of a cut one each segment of the video and
// the rest (all other streams) go into packet files.
struct Part {
  enum class Kind { whole, segment, rest };
  Kind kind = Kind::whole;
  Segment segment;
  std::string head;                                        // of the packet file
  std::function<std::string(std::int64_t pictures)> foot;  // the same, when all is done
  std::int64_t rank = 0;                                   // of two, the higher is begun first
};
Part part_of(const Segment& segment);
Part rest_part();
std::string name_of(const Part& part);  // "segment 3"

class Session {
 public:
  // The input is open and planned; nothing has been written. `hashes` and `observer` may be null.
  Session(Input input, std::shared_ptr<const Plan> plan, Part part, InputMeter& meter,
          FrameHashes* hashes, Observer* observer = nullptr);
  ~Session();

  const Plan& plan() const { return *plan_; }
  // OS threads it brings: those of the encoder.
  int threads() const;

  // Opens decoder, encoder and the file at `path`, and writes its header. Without a path what is
  // made goes nowhere: a rehearsal.
  void open(const std::string& path);
  // From a Packet or End to Coded packets and End. The chain must not outlive the session.
  Chain chain(const Spread& spread, Admit admit);

  Packet read();  // the next packet, empty at the end
  void write(const Coded& coded);
  void finish();  // the file is complete and closed
  // Nothing could be read for so long, since too much was in progress.
  void was_full(double seconds) { meter_.was_full(seconds); }

 private:
  Packet next();
  std::string name_in_trace() const;
  bool has_video() const { return part_.kind != Part::Kind::rest; }

  Input input_;
  std::shared_ptr<const Plan> plan_;
  Part part_;
  InputMeter& meter_;
  FrameHashes* hashes_;
  Observer* observer_;
  StageMeter &read_, &write_;
  std::optional<SegmentSource> source_;
  std::optional<Decoder> decoder_;
  std::optional<Encoder> encoder_;
  Transcoders audio_;
  std::int64_t pictures_ = 0;  // that the encoder took
  std::variant<std::monostate, Muxer, PacketWriter> output_;
};

}  // namespace quadrant
