// SPDX-License-Identifier: MIT
// The finished units, as packet files. Each describes itself: it names its job and segment, carries
// its own checksum, and gets its name only when it is complete and synced. So a stopped or killed
// job loses only the units it was working on.
//
// They are in .NAME.segments next to the output, where one job at a time writes, or in the
// directory of a planned run, which many jobs on many machines share without locks: there a unit's
// name is its id, and it grows under a unique name. If two jobs make the same unit, the later one
// replaces it with the same bytes.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "pipeline/observe/findings.h"
#include "pipeline/plan/unit.h"
#include "pipeline/store/paths.h"

namespace quadrant {

class UnitStore {
 public:
  static UnitStore beside(const std::string& output, const JobKey& key);
  static UnitStore shared(const std::string& directory, const JobKey& key);

  // What a unit's file holds besides its packets.
  struct Contents {
    std::int64_t pictures = 0;
    std::string hashes;  // of its frames, if they were requested then
    Findings findings;
  };
  // What an earlier job left of a unit.
  struct Found : Contents {
    std::string redo;  // why it must be redone; empty: it can be used
  };
  // Nothing if there is no such file. `with_hashes`: a file without hashes cannot be used.
  std::optional<Found> find(const Unit& unit, bool with_hashes) const;

  std::string head(const Unit& unit) const;
  static std::string foot(const Contents& contents);

  std::string path(const Unit& unit) const;     // when complete
  std::string growing(const Unit& unit) const;  // until then
  void create() const;                          // makes the directory. Throws Error
  void keep(const Unit& unit) const;            // gives it its name. Throws Error(temporary)
  void discard(const Unit& unit) const noexcept;
  // Removes what dead jobs left unfinished, from any cutting; the caller holds the output's lock.
  void discard_growing() const noexcept;
  void remove() const noexcept;  // all our files, and the directory if it is then empty

 private:
  UnitStore(std::string directory, const JobKey& key, bool shared)
      : directory_(std::move(directory)), key_(key), shared_(shared) {}
  std::string stem(const Unit& unit) const;

  std::string directory_;
  JobKey key_;
  bool shared_;
};

// Is `name` that of one of our units next to an output, and is the unit complete?
bool is_unit_name(const std::string& name);
bool is_whole_unit(const std::string& name);
// The id if `name` is that of a growing unit in a shared directory; otherwise "".
std::string growing_id(const std::string& name);
// The same for a complete unit.
std::string whole_id(const std::string& name);

// The record of a unit in a shared directory, in addition to its packets: its seconds, or why it
// failed. A file of one JSON line, renamed from a unique name, so that no machine waits for another
// or reads half a line. Only `quadrant status` uses it.
struct UnitRecord {
  std::string host;
  double seconds = 0;  // wall-clock
  std::string error;
};
// DIRECTORY/ID.json. A record that cannot be written is lost, and nothing else.
void write_record(const std::string& directory, const std::string& id,
                  const UnitRecord& record) noexcept;
void remove_record(const std::string& directory, const std::string& id) noexcept;
std::map<std::string, UnitRecord> records_in(const std::string& directory);  // by id

}  // namespace quadrant
