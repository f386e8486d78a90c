// SPDX-License-Identifier: MIT
// The parts of a cut input that are done, as packet files in .NAME.segments beside the output. Each
// is its own record: it says of which job and which stretch it is, carries its own sum, and gets
// its name only when it is whole and synced. So a stopped or killed run loses what was in work and
// nothing else.
#pragma once

#include <optional>
#include <string>

#include "pipeline/batch/journal.h"
#include "pipeline/execute/session.h"

namespace quadrant {

class SegmentStore {
 public:
  SegmentStore(const std::string& output, const JobKey& key);
  // In a directory that many runs on many machines share, without locks: a part is called by its
  // id, and grows under a name that nobody else has. Of two runs that make the same part the later
  // one replaces it, by the same bytes.
  struct Shared {
    std::string directory;
  };
  SegmentStore(Shared shared, const JobKey& key);

  // What an earlier run left of a part.
  struct Found {
    std::int64_t pictures = 0;
    std::string hashes;  // of its frames, if they were wanted then
    std::string redo;    // why it cannot be used; empty: it can
  };
  // Nothing if there is no such file. `with_hashes`: one without them cannot be used.
  std::optional<Found> find(const Part& part, bool with_hashes) const;

  std::string head(const Part& part) const;
  std::string id(const Part& part) const;  // a hash of its head
  static std::string foot(std::int64_t pictures, const std::string& hashes);

  std::string path(const Part& part) const;     // once it is whole
  std::string growing(const Part& part) const;  // until then
  void create() const;                          // the directory. Throws Error
  void keep(const Part& part) const;            // gives it its name. Throws Error(temporary)
  void discard(const Part& part) const noexcept;
  // What a run that died left half-done, of whatever cutting; for who holds the output's lock.
  void discard_growing() const noexcept;
  void remove() const noexcept;  // all that is ours, and the directory if it is empty

 private:
  std::string stem(const Part& part) const;

  std::string directory_;
  JobKey key_;
  bool shared_ = false;
};

// Is `name` that of a part of ours beside an output, and is that whole?
bool is_segment_name(const std::string& name);
bool is_whole_segment(const std::string& name);
// Is `name` that of a growing part in a shared directory? Its id then; else "".
std::string growing_id(const std::string& name);
// Of a part that is whole.
std::string whole_id(const std::string& name);

// The directory of an output's segments.
std::string segments_name(const std::string& output);

}  // namespace quadrant
