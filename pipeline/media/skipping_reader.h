// SPDX-License-Identifier: MIT
// A file for libavformat in which stretches can be left unread: they are there, at their place and
// in their length, but all zeros, and nothing is asked of storage for them. A demuxer that has its
// index then gives all packets with their times and sizes, and only their content is missing.
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
  // What is really there. Returns how much was read: less at the end of the file.
  std::int64_t read_at(std::int64_t place, unsigned char* buffer, std::int64_t bytes) const;
  std::int64_t size() const;
  bool has_holes() const;  // stretches that were never written

 private:
  static int read(void* self, unsigned char* buffer, int bytes);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  std::string path_;
  int descriptor_ = -1;
  std::int64_t place_ = 0;
  std::vector<ByteRange> skipped_;  // in order, apart
  AVIOContext* context_ = nullptr;
};

}  // namespace quadrant
