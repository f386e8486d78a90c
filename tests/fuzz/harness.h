// SPDX-License-Identifier: MIT
// A fuzzing harness is one function over bytes: it may throw Error, which is an answer, and nothing
// else. Linked with libFuzzer (preset fuzz), or with replay.cc, which reads files once.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "pipeline/error.h"

namespace quadrant::fuzz {

// The bytes as a file of this process.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::uint8_t* data, std::size_t size)
      : path_("/tmp/quadrant-fuzz-" + std::to_string(getpid()) + name) {
    std::FILE* file = std::fopen(path_.c_str(), "wb");
    if (!file) std::abort();
    if (size > 0 && std::fwrite(data, 1, size, file) != size) std::abort();  // libFuzzer: no data
    std::fclose(file);
  }
  ~TemporaryFile() { unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace quadrant::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
