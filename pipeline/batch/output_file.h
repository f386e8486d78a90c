// SPDX-License-Identifier: MIT
// An output from its first byte to its name. It grows as .NAME.part in the directory it will lie
// in; a complete one is synced, renamed, and the directory synced. So the final name never holds
// half a file, not even after a power cut, and a failed output leaves nothing behind.
#pragma once

#include <string>

namespace quadrant {

class OutputFile {
 public:
  // `sequence`: `path` is a pattern of pictures (frame-%05d.png), which grow in a directory
  // .NAME.part and are renamed one by one. Makes missing directories. Throws Error.
  OutputFile(std::string path, bool sequence);

  const std::string& part() const { return part_; }  // where to write
  void complete();                                   // throws Error(temporary) if the disk fails
  void discard() noexcept;                           // only what is ours

 private:
  void complete_sequence();
  std::string path_, part_;
  std::string directory_;  // of a sequence's pictures until they are complete
  bool sequence_;
};

}  // namespace quadrant
