// SPDX-License-Identifier: MIT
// A file for libavformat in which ranges can be skipped: they keep their position and length but
// read as zeros, without any request to storage. A demuxer that has its index then returns all
// packets with times and sizes; only their content is missing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct AVIOContext;

namespace quadrant {

struct ByteRange {
  std::int64_t begin = 0, end = 0;
};

class SkippingReader {
 public:
  // Throws Error if the file cannot be opened.
  explicit SkippingReader(const std::string& path);
  ~SkippingReader();
  SkippingReader(const SkippingReader&) = delete;
  SkippingReader& operator=(const SkippingReader&) = delete;

  AVIOContext* context() const { return context_; }
  void skip(std::vector<ByteRange> ranges);  // from now on; in any order
  // Reads the real content. Returns the number of bytes: fewer at the end of the file.
  std::int64_t read_at(std::int64_t place, unsigned char* buffer, std::int64_t bytes) const;
  std::int64_t size() const;
  bool has_holes() const;  // ranges that were never written

 private:
  static int read(void* self, unsigned char* buffer, int bytes);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  std::string path_;
  int descriptor_ = -1;
  std::int64_t place_ = 0;
  std::vector<ByteRange> skipped_;  // sorted, not overlapping
  AVIOContext* context_ = nullptr;
};

}  // namespace quadrant
