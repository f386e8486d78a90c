// SPDX-License-Identifier: MIT
// What a planned run tells of its units beside them: how long one took, why one failed. Each is a
// file of its own with one JSON line, written under a name of this process and renamed, so that no
// machine waits for another or reads half a line. Nothing depends on them but `quadrant status`.
#pragma once

#include <map>
#include <mutex>
#include <string>

namespace quadrant {

class UnitRecords {
 public:
  // Directories of the finished units and of the failures.
  UnitRecords(std::string units, std::string failed);

  void began(const std::string& id);
  // The unit has its name: its seconds are written, an older failure is forgotten.
  void kept(const std::string& id) noexcept;
  void failed(const std::string& id, const std::string& error) noexcept;

  struct Failure {
    std::string host, error;
  };
  static std::map<std::string, Failure> failures(const std::string& directory);  // by id
  // Of finished units by id, in wall-clock seconds.
  static std::map<std::string, double> seconds(const std::string& units);

 private:
  std::string units_, failed_;
  std::mutex mutex_;
  std::map<std::string, double> began_;  // wall_seconds()
};

}  // namespace quadrant
