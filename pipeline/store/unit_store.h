// SPDX-License-Identifier: MIT
// The units that are done, as packet files. Each is its own record: it says of which job and which
// stretch it is, carries its own sum, and gets its name only when it is whole and synced. So a
// stopped or killed job loses what was in work and nothing else.
//
// They lie in .NAME.segments beside the output, where one job at a time writes, or in the directory
// of a planned run, which many jobs on many machines share without locks: there a unit is called by
// its id and grows under a name that nobody else has. Of two jobs that make the same unit the later
// one replaces it, by the same bytes.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "pipeline/plan/unit.h"
#include "pipeline/store/paths.h"

namespace quadrant {

class UnitStore {
 public:
  static UnitStore beside(const std::string& output, const JobKey& key);
  static UnitStore shared(const std::string& directory, const JobKey& key);

  // What an earlier job left of a unit.
  struct Found {
    std::int64_t pictures = 0;
    std::string hashes;  // of its frames, if they were wanted then
    std::string redo;    // why it cannot be used; empty: it can
  };
  // Nothing if there is no such file. `with_hashes`: one without them cannot be used.
  std::optional<Found> find(const Unit& unit, bool with_hashes) const;

  std::string head(const Unit& unit) const;
  static std::string foot(std::int64_t pictures, const std::string& hashes);

  std::string path(const Unit& unit) const;     // once it is whole
  std::string growing(const Unit& unit) const;  // until then
  void create() const;                          // the directory. Throws Error
  void keep(const Unit& unit) const;            // gives it its name. Throws Error(temporary)
  void discard(const Unit& unit) const noexcept;
  // What a job that died left half-done, of whatever cutting; for who holds the output's lock.
  void discard_growing() const noexcept;
  void remove() const noexcept;  // all that is ours, and the directory if it is empty

 private:
  UnitStore(std::string directory, const JobKey& key, bool shared)
      : directory_(std::move(directory)), key_(key), shared_(shared) {}
  std::string stem(const Unit& unit) const;

  std::string directory_;
  JobKey key_;
  bool shared_;
};

// Is `name` that of a unit of ours beside an output, and is that whole?
bool is_unit_name(const std::string& name);
bool is_whole_unit(const std::string& name);
// Is `name` that of a growing unit in a shared directory? Its id then; else "".
std::string growing_id(const std::string& name);
// Of a unit that is whole.
std::string whole_id(const std::string& name);

// What is told of a unit in a shared directory beside its packets: how long it took, or why it
// failed. A file of one JSON line, written under a name of this process and renamed, so that no
// machine waits for another or reads half a line. Nothing depends on it but `quadrant status`.
struct UnitRecord {
  std::string host;
  double seconds = 0;  // wall-clock
  std::string error;
};
// DIRECTORY/ID.json. What cannot be written costs nothing but itself.
void write_record(const std::string& directory, const std::string& id,
                  const UnitRecord& record) noexcept;
void remove_record(const std::string& directory, const std::string& id) noexcept;
std::map<std::string, UnitRecord> records_in(const std::string& directory);  // by id

}  // namespace quadrant
