// SPDX-License-Identifier: MIT
// A subcommand: its options as a table, and its function. The parser, the help, the manual pages
// and the shells' completions are all made from this table. Only main.cc includes the parser, which
// is slow to compile.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace quadrant {

// Exit codes: a stable interface, see docs/command-line.md.
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

// An option ("-o,--output"), an argument ("CONFIG") or a flag. `value` points to the default.
struct Option {
  std::string names;
  std::variant<bool*, int*, double*, std::string*, std::vector<std::string>*> value;
  std::string help;
  std::string type = {};  // name of the value in the help
  bool required = false;
  bool shows_default = false;
  std::optional<std::pair<double, double>> range = {};  // inclusive
  std::vector<std::string> choices = {};                // the only allowed values
  std::vector<std::string> suggestions = {};            // for shell completion, if not checked here
  bool hidden = false;                                  // accepted, but not shown

  bool is_argument() const { return !names.starts_with('-'); }
  bool names_files() const;  // does a shell complete its value with files?
  bool is_flag() const { return std::holds_alternative<bool*>(value); }
  bool repeats() const { return std::holds_alternative<std::vector<std::string>*>(value); }
  std::string long_name() const;   // "output"; "" for an argument
  std::string short_name() const;  // "o"; "" if there is none
  std::string value_name() const;  // "PATTERN"; "" for a flag
  std::string full_help() const;   // including the range
};

struct Command {
  std::string name, summary;
  std::vector<Option> options;
  std::function<int()> run;  // returns the exit code
  bool hidden = false;       // not in the help: not for people
};

std::vector<Command> all_commands();    // in the help's order, hidden ones last
std::vector<Command> shown_commands();  // without hidden commands and options

Command run_command();
Command bench_command();
Command advise_command();
Command verify_command();
Command explain_command();
Command stages_command();
Command probe_command();
Command sample_command();
Command schema_command();
Command plan_command();
Command merge_command();
Command submit_command();
Command status_command();
Command clean_command();
Command unit_command();
Command worker_command();
Command manual_command();
Command completion_command();

}  // namespace quadrant
