// SPDX-License-Identifier: MIT
#include <iostream>

#include "pipeline/config/job_spec.h"
#include "stages/stages.h"
#include "tools/command.h"

namespace quadrant {

Command schema_command() {
  return {"schema", "print the JSON schema of the configuration, for editors", {}, [] {
            std::cout << json_schema(all_stages());
            return all_done;
          }};
}

}  // namespace quadrant
