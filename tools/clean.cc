// SPDX-License-Identifier: MIT
// quadrant clean: removes what runs left behind, and lists it.
#include "pipeline/job/clean.h"

#include <iostream>

#include "pipeline/config/utf8.h"
#include "tools/command.h"

namespace quadrant {
namespace {

int clean(const std::string& directory, const CleanOptions& options) {
  const RunDirectory run(directory);
  const Cleaning cleaning =
      run.is_planned() ? clean_run(run, options) : clean_outputs(directory, options);
  const std::string removed = options.dry_run ? "would remove: " : "removed: ";
  for (const std::string& path : cleaning.removed) std::cout << printable(removed + path) << '\n';
  for (const std::string& why : cleaning.kept) std::cerr << printable("kept: " + why) << '\n';
  return all_done;
}

}  // namespace

Command clean_command() {
  auto directory = std::make_shared<std::string>();
  auto options = std::make_shared<CleanOptions>();
  return {
      "clean",
      "remove what stopped runs left behind, and nothing else",
      {{.names = "DIR",
        .value = directory.get(),
        .help = "a planned run, or a directory of outputs",
        .required = true},
       {"--all", &options->all,
        "also remove segments that a stopped run could resume from, and units of finished outputs"},
       {"--dry-run", &options->dry_run, "print what would be removed and remove nothing"}},
      [directory, options] { return clean(*directory, *options); }};
}

}  // namespace quadrant
