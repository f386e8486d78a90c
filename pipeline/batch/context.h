// SPDX-License-Identifier: MIT
// What all inputs of a batch share, settled before the first is opened.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/batch/journal.h"
#include "pipeline/plan/plan.h"

namespace quadrant {

using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device and inode
// By symlink, hard link, bind mount or another spelling: the same file. Nothing if it is not there.
std::optional<FileId> file_id(const std::string& path);

struct InputShare;

struct BatchOptions {
  std::vector<std::string> inputs;                        // expanded
  std::vector<std::shared_ptr<const InputShare>> shares;  // by input, of a planned run; else none
  Mode mode = Mode::automatic;
  int cores = 0;            // 0: available_cores()
  std::int64_t memory = 0;  // 0: default_memory()
  bool overwrite = false, fail_fast = false, strict = false, keep_hashes = false;
};

struct BatchContext {
  const JobSpec& job;
  const BatchOptions options;
  const StopFlag& stop;
  const std::string canonical_job;
  Resources resources;
  std::map<FileId, std::string> input_files;
  Journals journals;
  std::atomic<bool> give_up{false};  // --fail-fast, after a failure

  bool ends() const { return give_up || stop.raised(); }
};

}  // namespace quadrant
