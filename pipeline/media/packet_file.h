// SPDX-License-Identifier: MIT
// Coded packets on disk, unchanged: the file of a finished segment until the output is put
// together. No container of libavformat keeps everything in a packet (Matroska rounds times to
// milliseconds, MP4 cannot be read before its end is written), and these files are never played, so
// they have their own format:
//
//   "quadrant packets 1\n"
//   head   length (4 bytes), JSON text: whose packets these are
//   packet length of its description (4 bytes), of its data (4), description (CBOR), data
//   ...
//   foot   0 (4 bytes), length (4), JSON text: what was counted
//   MD5 of everything above (32 hexadecimal digits)
//
// Numbers are little-endian. A file with an incomplete end or a wrong checksum is invalid.
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
  // All functions throw Error(temporary) with the path and the cause.
  PacketWriter(std::string path, const std::string& head);
  void write(const Coded& coded);
  void finish(const std::string& foot);  // closes the file; syncing it is left to commit()
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
  // Throws Error(input) if the file is not a packet file; read() throws it for damage.
  explicit PacketReader(std::string path);
  const std::string& head() const { return head_; }
  std::optional<Coded> read();  // nothing at the end, after checking the checksum
  const std::string& foot() const { return foot_; }  // valid at the end

 private:
  bool get(void* data, std::size_t size);
  std::uint32_t get_size();
  std::string get_text();
  [[noreturn]] void damaged() const;

  std::string path_, head_, foot_;
  FilePtr file_;
  HashPtr hash_;
  std::int64_t left_ = 0;  // bytes that were not read yet
};

// The head and foot of a complete, undamaged file.
struct PacketFileText {
  std::string head, foot;
};
// Reads the whole file; nothing if it is missing, torn or damaged.
std::optional<PacketFileText> check_packet_file(const std::string& path);

}  // namespace quadrant
