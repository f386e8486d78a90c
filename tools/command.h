// SPDX-License-Identifier: MIT
// A subcommand: declares its options on the command line parser and leaves what to run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace quadrant {

// Exit codes: a stable interface, see DESIGN (README "Exit codes").
enum ExitCode {
  all_done = 0,
  some_failed = 1,
  wrong_usage = 2,
  incomplete = 3,
  locked = 5,
  internal_error = 70,
  temporary = 75,
  interrupted = 130,
  terminated = 143
};

using Action = std::function<int()>;

void add_run(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_stages(CLI::App& app, Action& action);
void add_probe(CLI::App& app, Action& action);
void add_sample(CLI::App& app, Action& action);
void add_schema(CLI::App& app, Action& action);

}  // namespace quadrant
