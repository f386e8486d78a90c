// SPDX-License-Identifier: MIT
// Remembers which outputs are complete for which job, in one append-only file of JSON lines in each
// output directory, .quadrant.jsonl. An output is up to date if its line names the same job key and
// the file is as it was when the line was written.
//
// Each line carries a checksum. A torn last line is what a crash leaves, and is passed over; any
// other damage is told, and what it may have said is not guessed: that output counts as not ours.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace quadrant {

// What an output depends on, each part as a hash.
struct JobKey {
  std::string configuration;  // the job's canonical text
  std::string input;     // name, size and time of change; empty: it has no identity (a pipe), so
                         // nothing made of it is ever up to date
  std::string versions;  // Quadrant's and the libraries'

  bool known() const { return !input.empty(); }
  std::string text() const;  // all of it as one hash
  // "the configuration changed", or of what else `other` differs.
  std::string difference(const JobKey& other) const;
};
JobKey job_key(const std::string& canonical_job, const std::string& input);

// What a file system tells of a file, or of all pictures of a sequence, without reading it: size
// and time of last change. Empty if it is not there.
std::string identity(const std::string& path);

// The journals of a run's output directories, read when first needed and again when they changed.
class Journals {
 public:
  struct Entry {
    std::string key, file;              // JobKey::text(), identity()
    std::vector<std::string> pictures;  // of a sequence, by name
  };
  // What was last remembered of `output`; an empty entry if nothing.
  Entry last(const std::string& output);
  // All that was remembered in `directory`, by the output's name there.
  std::map<std::string, Entry> all(const std::string& directory);
  bool is_up_to_date(const std::string& output, const JobKey& key);
  // Appends and syncs. `file` is what is to be remembered: the output, or it before it has its
  // name. Throws Error(temporary).
  // `pictures`: of a sequence, by name.
  void remember(const std::string& output, const JobKey& key, const std::string& file,
                const std::vector<std::string>& pictures);
  // Damage that was found, a line each.
  std::vector<std::string> complaints() const;

 private:
  struct Journal {
    std::string identity;
    std::map<std::string, Entry> entries;  // by name in the directory
  };
  // As it is now; for who holds the lock.
  Journal& journal_at(const std::filesystem::path& file);
  void read(const std::filesystem::path& file, Journal& journal);

  mutable std::mutex mutex_;
  std::map<std::filesystem::path, Journal> journals_;
  std::map<std::string, std::string> complaints_;  // by place
};

}  // namespace quadrant
