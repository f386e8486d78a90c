// SPDX-License-Identifier: MIT
#include <iostream>

#include "pipeline/config/job_spec.h"
#include "stages/stages.h"
#include "tools/command.h"

namespace quadrant {

void add_schema(CLI::App& app, Action& action) {
  app.add_subcommand("schema", "print the JSON schema of the configuration, for editors")
      ->callback([&action] {
        action = [] {
          std::cout << json_schema(all_stages());
          return all_done;
        };
      });
}

}  // namespace quadrant
