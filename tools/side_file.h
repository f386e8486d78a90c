// SPDX-License-Identifier: MIT
// A file requested on the command line in addition to the outputs: --report, --trace. Whatever can
// be refused is refused before the batch starts, and the file is replaced as a whole at the end.
#pragma once

#include <fstream>
#include <string>
#include <string_view>

#include "pipeline/job/batch.h"

namespace quadrant {

class SideFile {
 public:
  // An empty path: not requested.
  SideFile(std::string option, std::string path)
      : option_(std::move(option)), path_(std::move(path)) {}

  struct Named {  // a file that must not be replaced, and its name in messages
    std::string path, what;
  };

  bool wanted() const { return !path_.empty(); }
  // Throws Error(usage) if it is an input, an output or one of `others`, or cannot be written.
  void check(const Batch& batch, const std::vector<Named>& others) const;
  void write(const std::string& text) const;  // throws Error(temporary)

  // Written piece by piece; gets its name only when finished.
  class Growing {
   public:
    // Throws Error(temporary).
    explicit Growing(const SideFile& file);
    ~Growing() { abandon(); }
    Growing(const Growing&) = delete;
    Growing& operator=(const Growing&) = delete;
    void append(std::string_view text);  // finish() reports a failure
    void finish();                       // throws Error(temporary) and leaves nothing
    void abandon() noexcept;             // removes it, unless it is finished

   private:
    const std::string path_;     // as given
    std::string target_, part_;  // empty: written to directly
    std::ofstream out_;
    bool open_ = true;
    int error_ = 0;  // of the first failed write
  };

 private:
  [[noreturn]] void refuse(const std::string& reason) const;
  bool is(const std::string& other) const;  // the same file, even by a link or another spelling
  void refuse_to_replace(const InputState& input) const;
  void check_directory(const Batch& batch) const;

  std::string option_, path_;
};

}  // namespace quadrant
