// SPDX-License-Identifier: MIT
// quadrant serve-unit: what a run with run.isolate starts for each unit. Not for people; `quadrant
// unit` is.
#include "pipeline/batch/serve.h"
#include "stages/stages.h"
#include "tools/command.h"

namespace quadrant {

Command serve_unit_command() {
  struct Serving {
    int descriptor = -1, parent = -1;
  };
  auto serving = std::make_shared<Serving>();
  return {"serve-unit",
          "the process of an isolated unit",
          {{.names = "DESCRIPTOR", .value = &serving->descriptor, .help = "", .required = true},
           {.names = "PARENT", .value = &serving->parent, .help = "", .required = true}},
          [serving] {
            serve_unit(serving->descriptor, serving->parent, all_stages());
            return all_done;
          },
          true};
}

}  // namespace quadrant
