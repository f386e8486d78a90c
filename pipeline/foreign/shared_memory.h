// SPDX-License-Identifier: MIT
// Memory that another process sees too: anonymous files, mapped here, whose descriptors are passed
// on. The kernel frees one when nobody maps it any more, so nothing can be left behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace quadrant {

struct SharedMemory {
  explicit SharedMemory(std::size_t bytes);  // throws Error(temporary)
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  const std::size_t bytes;
  const std::uint64_t number;             // no other has the same in this process
  const std::shared_ptr<const int> life;  // for whoever wants to know that it is gone
  int descriptor = -1;
  std::uint8_t* data = nullptr;
};

// Blocks of one size, used again once all their owners are gone: a page is expensive only the first
// time. Thread-safe. Blocks may outlive the pool.
class SharedPool {
 public:
  explicit SharedPool(std::size_t bytes);
  std::shared_ptr<SharedMemory> take();
  // The other process keeps it: nobody else gets it.
  void retire(const SharedMemory& memory);

 private:
  struct Idle;
  std::shared_ptr<Idle> idle_;
};

}  // namespace quadrant
