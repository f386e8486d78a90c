// SPDX-License-Identifier: MIT
// One input on its way: everything that is open for it. A session is what an executor drives:
//
//   read() ─▶ decode ─▶ step ─▶ … ─▶ encode ─▶ write()
//   storage   └──────── chain(): lanes and maps ───┘   storage
//
// read() and write() may wait for storage and are called by one thread at a time; the chain
// computes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pipeline/execute/nodes.h"
#include "pipeline/media/decode.h"
#include "pipeline/media/frame_hash.h"
#include "pipeline/plan/plan.h"

namespace quadrant {

// Admits a frame; may give nothing where the executor does its own counting.
using Admit = std::function<std::shared_ptr<Ticket>()>;

class Session {
 public:
  // The input is open and planned; nothing has been written. `hashes` may be null.
  Session(Input input, Plan plan, InputMeter& meter, FrameHashes* hashes);
  ~Session();

  const Plan& plan() const { return plan_; }
  // OS threads it brings: those of the encoder.
  int threads() const;

  // Opens decoder, encoder and the output file at `path`, and writes its header.
  void open(const std::string& path);
  // From a Packet or End to Coded packets and End. The chain must not outlive the session.
  Chain chain(const Spread& spread, Admit admit);

  Packet read();  // the next packet, empty at the end
  void write(const Coded& coded);
  void finish();  // trailer; the file is complete and closed

 private:
  class DecodeLane;
  class EncodeLane;

  Input input_;
  Plan plan_;
  InputMeter& meter_;
  FrameHashes* hashes_;
  StageMeter *read_, *write_;
  std::optional<Decoder> decoder_;
  std::optional<Encoder> encoder_;
  std::vector<std::pair<int, AudioTranscoder>> audio_;  // by input stream
  std::optional<Muxer> muxer_;
};

}  // namespace quadrant
