// SPDX-License-Identifier: MIT
// quadrant worker: a job with run.isolate starts it for each unit. Not for people, who use
// `quadrant unit`.
#include "pipeline/runners/worker.h"

#include "stages/stages.h"
#include "tools/command.h"

namespace quadrant {

Command worker_command() {
  struct Serving {
    int descriptor = -1, parent = -1;
  };
  auto serving = std::make_shared<Serving>();
  return {"worker",
          "the process of isolated units",
          {{.names = "DESCRIPTOR", .value = &serving->descriptor, .help = "", .required = true},
           {.names = "PARENT", .value = &serving->parent, .help = "", .required = true}},
          [serving] {
            serve_units(serving->descriptor, serving->parent, all_stages());
            return all_done;
          },
          true};
}

}  // namespace quadrant
