// SPDX-License-Identifier: MIT
// A session done one frame at a time, from the packet to the file, in the calling thread:
// `sequential` and `tiles` are this, without and with cores to run a frame's strips on.
// Between two packets it can be given away, for another executor to go on with.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "pipeline/execute/executor.h"
#include "pipeline/execute/frame_states.h"

namespace quadrant {

// A session under way, with what its nodes hold. Frames that the decoder gives from now on are
// admitted by `admit`, which whoever goes on sets.
struct Begun {
  std::unique_ptr<Session> session;
  Chain chain;
  std::shared_ptr<Admit> admit;
};

class OneInput {
 public:
  // The session is open.
  OneInput(std::unique_ptr<Session> session, const TileLoops& loops, const Runtime& runtime);
  OneInput(const OneInput&) = delete;  // its chain knows where it is
  OneInput& operator=(const OneInput&) = delete;

  // Takes one packet through the chain; false at the end of the input. Throws Error.
  bool step();
  void finish();      // what the nodes still hold, and the file. Throws Error
  Begun give_away();  // in place of finish()

 private:
  class At;
  struct InProgress;

  void push(std::size_t i, Item item);
  Item through(std::size_t i, Item item);
  void count_and_push(std::size_t i, Item item);
  void write(const Item& item);

  const Runtime& runtime_;
  FrameName next_;  // of the frame that the decoder gives next
  Begun begun_;
  std::vector<NodeStates> states_;
  FrameState& written_;
  Ticket* ticket_ = nullptr;  // of the frame in progress
  FrameState* at_ = nullptr;  // where it is
};

// Runs a session, which is open, to its end. `goes_on` is asked before each packet; false: the
// session ends there, as if the input did.
void run_one_frame_at_a_time(
    std::unique_ptr<Session> session, const TileLoops& loops, const Runtime& runtime,
    const std::function<bool()>& goes_on = [] { return true; });

}  // namespace quadrant
