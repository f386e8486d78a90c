// SPDX-License-Identifier: MIT
#include "pipeline/foreign/shared_memory.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>
#include <vector>

#include "pipeline/error.h"

namespace quadrant {
namespace {

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

// Each frame in progress has a descriptor, and the usual soft limit of 1,024 is for programs that
// use select(). Once is enough, and no harm is done if it cannot be.
void allow_many_descriptors() {
  static const bool done = [] {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
  }();
  (void)done;
}

}  // namespace

SharedMemory::SharedMemory(std::size_t bytes_)
    : bytes(bytes_),
      number(next_number()),
      life(std::make_shared<const int>(0)),
      descriptor(memfd_create("quadrant frame", MFD_CLOEXEC)) {
  void* mapped = MAP_FAILED;
  if (descriptor >= 0 && ftruncate(descriptor, static_cast<off_t>(bytes)) == 0)
    mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, 0);
  if (mapped == MAP_FAILED) {
    const int code = errno;
    if (descriptor >= 0) close(descriptor);
    fail(Fault::temporary, "no shared memory for a frame of {} bytes: {}", bytes,
         std::strerror(code));
  }
  data = static_cast<std::uint8_t*>(mapped);
}

SharedMemory::~SharedMemory() {
  munmap(data, bytes);
  close(descriptor);
}

struct SharedPool::Idle {
  explicit Idle(std::size_t b) : bytes(b) {}
  const std::size_t bytes;
  std::mutex mutex;
  std::vector<std::unique_ptr<SharedMemory>> blocks;
  std::set<std::uint64_t> retired;

  void give_back(std::unique_ptr<SharedMemory> block) {
    const std::lock_guard lock(mutex);
    if (retired.erase(block->number) == 0) blocks.push_back(std::move(block));
  }
};

SharedPool::SharedPool(std::size_t bytes) : idle_(std::make_shared<Idle>(bytes)) {
  allow_many_descriptors();
}

std::shared_ptr<SharedMemory> SharedPool::take() {
  std::unique_ptr<SharedMemory> block;
  {
    const std::lock_guard lock(idle_->mutex);
    if (!idle_->blocks.empty()) {
      block = std::move(idle_->blocks.back());
      idle_->blocks.pop_back();
    }
  }
  if (!block) block = std::make_unique<SharedMemory>(idle_->bytes);
  SharedMemory* memory = block.release();
  return {memory, [idle = std::weak_ptr(idle_)](SharedMemory* used) {
            std::unique_ptr<SharedMemory> ours(used);
            if (const auto pool = idle.lock()) pool->give_back(std::move(ours));
          }};
}

void SharedPool::retire(const SharedMemory& memory) {
  const std::lock_guard lock(idle_->mutex);
  idle_->retired.insert(memory.number);
}

}  // namespace quadrant
