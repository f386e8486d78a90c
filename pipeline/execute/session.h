// SPDX-License-Identifier: MIT
// A unit on its way: everything that is open for it. A session is what an executor drives:
//
//   read() ─▶ decode ─▶ step ─▶ … ─▶ encode ─▶ write()
//   storage   └──────── chain(): serial and parallel nodes ───┘   storage
//
// read() and write() may wait for storage and are called by one thread at a time; the chain
// computes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "pipeline/execute/codec_nodes.h"
#include "pipeline/execute/nodes.h"
#include "pipeline/media/packet_file.h"
#include "pipeline/plan/plan.h"
#include "pipeline/plan/unit.h"

namespace quadrant {

// What a unit is written to. The whole of an input without a head is the output itself; everything
// else goes into a packet file, in the muxer's order. Without a path it goes nowhere.
struct UnitFile {
  std::string path;
  std::string head;                                        // of the packet file
  std::function<std::string(std::int64_t pictures)> foot;  // the same, when all is done
};

class Session {
 public:
  // The input is open and planned; nothing has been written. `hashes` and `observer` may be null.
  Session(Input input, std::shared_ptr<const Plan> plan, const Unit& unit, InputMeter& meter,
          FrameHashes* hashes, Observer* observer = nullptr);
  ~Session();

  const Plan& plan() const { return *plan_; }
  // Opens decoder, encoder and the file, and writes its header.
  void open(const UnitFile& file);
  // From a Packet or End to Coded packets and End. The chain must not outlive the session.
  Chain chain(const TileLoops& loops, Admit admit);

  Packet read();  // the next packet, empty at the end
  void write(const Coded& coded);
  void finish();  // the file is complete and closed
  // Nothing could be read for so long, since too much was in progress.
  void add_backpressure(double seconds) { meter_.add_backpressure(seconds); }

 private:
  Packet next();
  std::string name_in_trace() const;

  Input input_;
  std::shared_ptr<const Plan> plan_;
  const Unit unit_;
  UnitFile file_;
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
