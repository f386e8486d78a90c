// SPDX-License-Identifier: MIT
// Reads a pipe, FIFO or terminal for libavformat so that a stop request ends the wait: libav's own
// file protocol blocks in read(2), which only a signal to that very thread interrupts. A file
// redirected to standard input can seek, which many formats need.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "pipeline/media/stop.h"

struct AVIOContext;

namespace quadrant {

class PipeReader {
 public:
  // "-" is standard input. Throws Error(input) if it cannot be opened.
  PipeReader(const std::string& path, const StopFlag& stop);
  ~PipeReader();
  PipeReader(const PipeReader&) = delete;
  PipeReader& operator=(const PipeReader&) = delete;

  static bool serves(const std::string& path);  // is it a pipe, socket or character device?
  AVIOContext* context() const { return context_; }

 private:
  static int read(void* self, unsigned char* buffer, int size);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  int descriptor_ = -1;
  std::int64_t begin_ = 0;  // start position of a file redirected to standard input
  const StopFlag& stop_;
  AVIOContext* context_ = nullptr;
};

}  // namespace quadrant
