// SPDX-License-Identifier: MIT
// A request to stop, raised by a signal handler or by the batch, and checked by code that may wait
// long. The same code reports its progress here, so that a stall can be detected.
#pragma once

#include <atomic>
#include <cstdint>

namespace quadrant {

class StopFlag {
 public:
  StopFlag();
  // Also raised when `above` is, which must outlive it.
  explicit StopFlag(const StopFlag* above) : above_(above) {}
  ~StopFlag();
  StopFlag(const StopFlag&) = delete;
  StopFlag& operator=(const StopFlag&) = delete;

  void raise() noexcept;  // async-signal-safe
  bool raised() const noexcept {
    return raised_.load(std::memory_order_relaxed) || (above_ && above_->raised());
  }
  // For poll(2): readable once the flag is raised; for a flag with one above, once that one is
  // raised.
  int descriptor() const { return above_ ? above_->descriptor() : read_end_; }

  void got_on() const noexcept { moves_.fetch_add(1, std::memory_order_relaxed); }
  std::int64_t moves() const noexcept { return moves_.load(std::memory_order_relaxed); }

 private:
  const StopFlag* above_ = nullptr;
  std::atomic<bool> raised_{false};
  mutable std::atomic<std::int64_t> moves_{0};
  int read_end_ = -1, write_end_ = -1;
};

}  // namespace quadrant
