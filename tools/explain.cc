// SPDX-License-Identifier: MIT
// quadrant explain: prints the plan of every input; writes nothing.
#include <iostream>

#include "pipeline/config/utf8.h"
#include "pipeline/observe/terminal.h"
#include "tools/job_options.h"

namespace quadrant {

int explain_job(const JobOptions& options) {
  const JobSpec job = options.read();
  const StopFlag never;
  Batch batch(job, options.batch_options(job), never);
  std::cout << printable_lines(batch.explain());
  tell_many_cores(job.run.cores);
  for (const InputState& input : batch.inputs())
    if (input.status == Status::failed)
      std::cerr << in_red("failed:") << ' ' << printable_lines(input.error) << '\n';
  return exit_code(batch);
}

Command explain_command() {
  auto options = std::make_shared<JobOptions>();
  // Options that do not affect a plan are accepted too: to see the plan of a run, change one word
  // of its command line.
  std::vector<Option> declared = options->declared();
  for (Option& option : declared)
    option.hidden = option.names == "--overwrite" || option.names == "--fail-fast" ||
                    option.names == "--max-failures" || option.names == "--retries" ||
                    option.names == "--timeout";
  return {"explain", "print the plan: formats, conversions, losses, threads and memory",
          std::move(declared), [options] { return explain_job(*options); }};
}

}  // namespace quadrant
