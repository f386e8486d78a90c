// SPDX-License-Identifier: MIT
// An output from its first byte to its name. It grows as .NAME.part in its final directory, locked
// so that no second job writes there too, and gets its name by commit() (atomic_file.h). A failed
// output leaves nothing behind. If a job dies, the kernel frees the lock.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace quadrant {

class OutputFile {
 public:
  struct Kind {
    bool sequence = false;  // `path` is a pattern of pictures (frame-%05d.png), which grow in a
                            // directory .NAME.part and are renamed one by one
    bool replace = false;   // an existing output may be replaced
  };

  // Creates missing directories. Throws Error; Error(locked) if a live run writes the same output.
  OutputFile(std::string path, Kind kind);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::string& part() const { return part_; }  // where to write
  // Calls `remember` when all is on the disk: for a file just before it gets its name, for a
  // sequence when its pictures, passed by name, have theirs. Throws Error(temporary).
  using Remember = std::function<void(const std::vector<std::string>& pictures)>;
  void complete(const Remember& remember);
  void discard() noexcept;  // only what is ours
  void empty() noexcept;    // for a new attempt: removes a sequence's pictures so far

 private:
  void lock();
  void complete_sequence(const Remember& remember);

  std::string path_, part_;
  std::string directory_;  // of a sequence's pictures until they are complete
  Kind kind_;
  int lock_ = -1;  // descriptor with the lock
};

}  // namespace quadrant
