// SPDX-License-Identifier: MIT
// Coded packets on disk, just as they are: what a segment leaves behind until the output is put
// together. No container of libavformat keeps all of a packet (Matroska rounds its times to
// milliseconds, MP4 wants the end before it can be read), and here nothing is played, so it is
// this:
//
//   "quadrant packets 1\n"
//   head   length (4 bytes), JSON text: whose packets these are
//   packet length of its description (4 bytes), of its data (4), description (CBOR), data
//   ...
//   foot   0 (4 bytes), length (4), JSON text: what was counted
//   MD5 of all of this (32 hexadecimal digits)
//
// Numbers are little-endian. A file without its whole end, or with another sum, is no file.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/media/mux.h"

struct AVHashContext;

namespace quadrant {

struct FreeHash {
  void operator()(AVHashContext* hash) const;
};
using HashPtr = std::unique_ptr<AVHashContext, FreeHash>;
using FilePtr = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

class PacketWriter {
 public:
  // Throws Error(temporary) naming the path and the cause, as all functions here.
  PacketWriter(std::string path, const std::string& head);
  void write(const Coded& coded);
  void finish(const std::string& foot);  // and closed; whoever gives it its name syncs it
  std::int64_t bytes() const { return bytes_; }

 private:
  void put(const void* data, std::size_t size);
  void put_size(std::size_t size);

  std::string path_;
  FilePtr file_;
  HashPtr hash_;
  std::int64_t bytes_ = 0;
};

class PacketReader {
 public:
  // Throws Error(input) if it is no such file, as read() does where it is damaged.
  explicit PacketReader(std::string path);
  const std::string& head() const { return head_; }
  std::optional<Coded> read();  // nothing at the end, once the sum was found right
  const std::string& foot() const { return foot_; }  // known at the end

 private:
  bool get(void* data, std::size_t size);
  std::uint32_t get_size();
  std::string get_text();
  [[noreturn]] void damaged() const;

  std::string path_, head_, foot_;
  FilePtr file_;
  HashPtr hash_;
};

// What a whole and undamaged file says of itself.
struct PacketFileText {
  std::string head, foot;
};
// Reads all of it; nothing if the file is not there, torn or damaged.
std::optional<PacketFileText> check_packet_file(const std::string& path);

}  // namespace quadrant
