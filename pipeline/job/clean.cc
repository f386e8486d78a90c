// SPDX-License-Identifier: MIT
#include "pipeline/job/clean.h"

#include <optional>

#include "pipeline/counted.h"
#include "pipeline/error.h"
#include "pipeline/job/run_status.h"
#include "pipeline/store/atomic_file.h"
#include "pipeline/store/left_overs.h"
#include "pipeline/store/output_file.h"
#include "pipeline/store/paths.h"
#include "pipeline/store/unit_store.h"

namespace quadrant {
namespace {

// Holds an output's lock, so that no run starts on it meanwhile. failed() if a run holds it.
class Held {
 public:
  Held(const std::string& output, bool sequence, bool dry_run) {
    if (dry_run) return;
    try {
      file_.emplace(output, OutputFile::Kind{.sequence = sequence});
    } catch (const Error&) {
      failed_ = true;
    }
  }
  bool failed() const { return failed_; }
  void release() {
    if (file_) file_->discard();
  }

 private:
  std::optional<OutputFile> file_;
  bool failed_ = false;
};

void clean_output(const std::string& directory, const OutputTrace& trace,
                  const CleanOptions& options, Cleaning& cleaning) {
  const std::string output = (fs::path(directory) / trace.name).lexically_normal().string();
  const std::string part = part_name(output), segments = segments_name(output);
  const bool drops_segments = trace.has_segments && (trace.finished || options.all);
  if (trace.has_segments && !drops_segments && !trace.live)
    cleaning.kept.push_back(fmt::format("{}: a run can resume from {}; --all removes it", segments,
                                        counted(trace.segments, "unit")));
  if (trace.live) cleaning.kept.push_back(part + ": a run is writing it");
  if (trace.part && !trace.live && !trace.part_is_ours)
    cleaning.kept.push_back(part + ": not known to be ours");
  const bool drops_part = trace.part && trace.part_is_ours && !trace.live;
  if (trace.live || (!drops_part && !drops_segments) || (trace.part && !trace.part_is_ours)) return;
  Held held(output, is_directory(part), options.dry_run);
  if (held.failed()) return cleaning.kept.push_back(part + ": a run is writing it");
  if (drops_part) cleaning.removed.push_back(part);
  if (drops_segments) {
    cleaning.removed.push_back(segments);
    if (!options.dry_run) UnitStore::beside(output, {}).remove();
    if (!options.dry_run && is_there(segments))
      cleaning.kept.push_back(segments + ": holds something that is not ours");
  }
  held.release();
}

// .WORD.new or .ID.WORD.packets.part, from a process that wrote into RUN/.
bool is_temporary(const std::string& name) {
  return name.starts_with('.') && (!growing_id(name).empty() || is_new_name(name));
}

void clean_directory(const std::string& directory, const CleanOptions& options,
                     Cleaning& cleaning) {
  std::error_code ignored;
  for (const fs::path& each : entries_of(directory)) {
    if (!is_temporary(each.filename().string())) continue;
    if (!is_abandoned(each)) {
      cleaning.kept.push_back(each.string() + ": it may still grow");
      continue;
    }
    cleaning.removed.push_back(each.string());
    if (!options.dry_run) fs::remove(each, ignored);
  }
}

}  // namespace

Cleaning clean_outputs(const std::string& directory, const CleanOptions& options) {
  Cleaning cleaning;
  for (const OutputTrace& trace : output_traces(directory))
    clean_output(directory, trace, options, cleaning);
  return cleaning;
}

Cleaning clean_run(const RunDirectory& run, const CleanOptions& options) {
  Cleaning cleaning;
  const RunStatus status = status_of(run);
  for (const std::string& directory : {run.path(), run.units(), run.failed(), run.submit()})
    clean_directory(directory, options, cleaning);
  if (!options.all) return cleaning;
  std::error_code ignored;
  for (const PlannedUnit& unit : status.units) {
    if (!status.finished.at(unit.output)) continue;
    // The record beside it stays: by it `status` knows that the unit was done.
    const std::string file = run.units() + "/" + unit.unit.id + ".packets";
    if (!is_there(file)) continue;
    cleaning.removed.push_back(file);
    if (!options.dry_run) fs::remove(file, ignored);
  }
  return cleaning;
}

}  // namespace quadrant
