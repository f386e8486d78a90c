// SPDX-License-Identifier: MIT
// Remembers which outputs are complete for which job, in one append-only file of JSON lines per
// output directory, .quadrant.jsonl. An output is up to date if its line names the same job key and
// the file has not changed since the line was written.
//
// Each line carries a checksum. A torn last line is what a crash leaves, and is skipped; any other
// damage is reported, and the damaged line is not guessed at: its output counts as not ours.
//
// Other jobs may append at any time. Each look reads only what was appended since the last one, so
// a batch of N outputs reads N lines; a file that was written anew is read anew.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/plan/job_key.h"
#include "pipeline/store/paths.h"

namespace quadrant {

// The journals of a job's output directories. Thread-safe.
class Journals {
 public:
  struct Entry {
    JobKey key;
    std::string file;                   // identity()
    std::vector<std::string> pictures;  // of a sequence, by name
    std::string job, input;             // absolute names; the job's is that of its configuration
    std::vector<std::string> losses, damage;
    std::int64_t frames = 0;  // that were encoded; 0: not remembered
    double seconds = 0;       // that it took

    // Does it describe `output` as it is now, made for this key?
    bool is_up_to_date(const std::string& output, const JobKey& now) const;
  };
  // The last entry for `output`; an empty one if there is none.
  Entry last(const std::string& output);
  // All entries for `directory`, by the output's name in it.
  std::map<std::string, Entry> all(const std::string& directory);
  // Appends and syncs. `configuration` is what entry.key.configuration is the hash of; it is
  // written once. Throws Error(temporary).
  void remember(const std::string& output, const Entry& entry, const std::string& configuration);
  // The text that a hash stands for; "" if none was remembered beside `output`.
  std::string configuration(const std::string& output, const std::string& hash);
  // Damage that was found, a line each.
  std::vector<std::string> diagnostics() const;

 private:
  struct Journal {
    FileId id{};
    std::uint64_t read = 0;                             // bytes, up to the end of a line
    int lines = 0;                                      // in those
    std::map<std::string, Entry> entries;               // by name in the directory
    std::map<std::string, std::string> configurations;  // by hash
  };
  // The journal's current contents; the caller holds the lock.
  Journal& journal_at(const fs::path& file);
  void read_on(const fs::path& file, Journal& journal);
  static bool adopt_line(const std::string& line, Journal& journal);
  void take_line(const fs::path& file, const std::string& line, int number, Journal& journal);

  mutable std::mutex mutex_;
  std::map<std::string, Journal> journals_;         // by path
  std::map<std::string, std::string> diagnostics_;  // by location
};

}  // namespace quadrant
