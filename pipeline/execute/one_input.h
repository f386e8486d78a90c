// SPDX-License-Identifier: MIT
// Runs a session one frame at a time, from the packet to the file, in the calling thread:
// `sequential` uses it as it is, `tiles` with cores for a frame's strips. Between two packets the
// session can be given away, for another executor to continue.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "pipeline/execute/executor.h"
#include "pipeline/execute/frame_states.h"

namespace quadrant {

// A session in progress, with what its nodes hold. `admit` admits the frames decoded from now on;
// the executor that continues sets it.
struct Begun {
  std::unique_ptr<Session> session;
  Chain chain;
  std::shared_ptr<Admit> admit;
};

class OneInput {
 public:
  // `session` is open.
  OneInput(std::unique_ptr<Session> session, const TileLoops& loops, const Runtime& runtime);
  OneInput(const OneInput&) = delete;  // its chain keeps its address
  OneInput& operator=(const OneInput&) = delete;

  // Takes one packet through the chain; false at the end of the input. Throws Error.
  bool step();
  void finish();      // flushes what the nodes hold, completes the file. Throws Error
  Begun give_away();  // instead of finish()

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
  FrameState* at_ = nullptr;  // its state
};

// Runs an open session to its end. Calls `goes_on` before each packet; when it returns false, the
// session ends there as if the input had ended.
void run_one_frame_at_a_time(
    std::unique_ptr<Session> session, const TileLoops& loops, const Runtime& runtime,
    const std::function<bool()>& goes_on = [] { return true; });

}  // namespace quadrant
