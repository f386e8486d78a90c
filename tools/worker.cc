// SPDX-License-Identifier: MIT
// quadrant worker: a job with run.isolate starts it for each unit. Not for people, who use
// `quadrant unit`.
#include "pipeline/runners/worker.h"

#include "pipeline/media/allowed.h"
#include "stages/stages.h"
#include "tools/job_options.h"

namespace quadrant {

Command worker_command() {
  struct Serving {
    int descriptor = -1, parent = -1;
    std::vector<std::string> allowed;
  };
  auto serving = std::make_shared<Serving>();
  return {"worker",
          "the process of isolated units",
          {{.names = "DESCRIPTOR", .value = &serving->descriptor, .help = "", .required = true},
           {.names = "PARENT", .value = &serving->parent, .help = "", .required = true},
           allow_option(serving->allowed)},
          [serving] {
            allow(serving->allowed);
            serve_units(serving->descriptor, serving->parent, all_stages());
            return all_done;
          },
          true};
}

}  // namespace quadrant
