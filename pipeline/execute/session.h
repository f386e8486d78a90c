// SPDX-License-Identifier: MIT
// A unit in progress: everything that is open for it. An executor drives a session:
//
//   read() ─▶ decode ─▶ step ─▶ … ─▶ encode ─▶ write()
//   storage   └──────── chain(): serial and parallel nodes ───┘   storage
//
// One thread at a time calls read() and write(), which may wait for storage; the chain computes.
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

// Where a unit is written. A whole input without a head goes straight into the output file;
// everything else goes into a packet file, in the muxer's order. An empty path: nothing is written.
struct UnitFile {
  std::string path;
  std::string head;                                        // of the packet file
  std::function<std::string(std::int64_t pictures)> foot;  // written at the end
};

class Session {
 public:
  // `input` is open and planned; nothing has been written. `hashes` and `observer` may be null.
  Session(Input input, std::shared_ptr<const Plan> plan, const Unit& unit, InputMeter& meter,
          FrameHashes* hashes, Observer* observer = nullptr);
  ~Session();

  const Plan& plan() const { return *plan_; }
  // Opens decoder, encoder and the file, and writes its header.
  void open(const UnitFile& file);
  // Takes Packet or End, gives Coded packets and End. The chain must not outlive the session.
  Chain chain(const TileLoops& loops, Admit admit);

  Packet read();  // the next packet, empty at the end
  void write(const Coded& coded);
  void finish();  // completes and closes the file
  // Counts time in which nothing could be read because too much was in progress.
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
  Transcoders transcoders_;
  std::int64_t pictures_ = 0;  // taken by the encoder
  std::variant<std::monostate, Muxer, PacketWriter> output_;
};

}  // namespace quadrant
