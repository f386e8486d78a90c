// SPDX-License-Identifier: MIT
// quadrant explain: the plan of every input, printed; nothing is written.
#include <iostream>

#include "tools/job_options.h"

namespace quadrant {

int explain_job(const JobOptions& options) {
  const JobSpec job = options.read();
  const StopFlag never;
  Batch batch(job, options.batch_options(job), never);
  std::cout << batch.explain();
  int code = all_done;
  for (const InputState& input : batch.inputs())
    if (input.status == Status::failed) {
      std::cerr << "failed: " << input.error << '\n';
      code = input.fault == Fault::usage ? wrong_usage : some_failed;
    }
  return code;
}

void add_explain(CLI::App& app, Action& action) {
  auto options = std::make_shared<JobOptions>();
  CLI::App* command = app.add_subcommand(
      "explain", "print the plan: formats, conversions, losses, threads, memory");
  options->declare(*command);
  command->callback([options, &action] { action = [options] { return explain_job(*options); }; });
}

}  // namespace quadrant
