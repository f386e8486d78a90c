// SPDX-License-Identifier: MIT
// A temporary directory, removed with everything in it.
#pragma once

#include <filesystem>
#include <string>

namespace quadrant {

class Scratch {
 public:
  // Named quadrant-NAME-XXXXXX, in $TMPDIR or else /tmp. Throws Error(temporary).
  explicit Scratch(const std::string& name);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace quadrant
