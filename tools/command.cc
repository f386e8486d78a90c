// SPDX-License-Identifier: MIT
#include "tools/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace quadrant {

std::vector<Command> all_commands() {
  return {run_command(),     bench_command(),  verify_command(), advise_command(),
          explain_command(), stages_command(), probe_command(),  sample_command(),
          schema_command(),  plan_command(),   merge_command(),  submit_command(),
          status_command(),  clean_command(),  unit_command(),   completion_command(),
          manual_command(),  worker_command()};
}

std::vector<Command> shown_commands() {
  std::vector<Command> all = all_commands();
  std::erase_if(all, [](const Command& command) { return command.hidden; });
  for (Command& command : all)
    std::erase_if(command.options, [](const Option& option) { return option.hidden; });
  return all;
}

std::string Option::long_name() const {
  const auto at = names.find("--");
  return at == std::string::npos ? "" : names.substr(at + 2);
}

std::string Option::short_name() const {
  return is_argument() || names.starts_with("--") ? "" : names.substr(1, 1);
}

std::string Option::value_name() const {
  if (is_flag()) return "";
  if (is_argument()) return names;
  if (!type.empty()) return type;
  return std::holds_alternative<int*>(value) ? "N" : "VALUE";
}

bool Option::names_files() const {
  constexpr std::array<std::string_view, 4> types = {"FILE", "DIR", "PATTERN", "RUN"};
  return is_argument() || std::ranges::find(types, value_name()) != types.end();
}

std::string Option::full_help() const {
  if (!range) return help;
  return fmt::format("{} ({:.10g} to {:.10g})", help, range->first, range->second);
}

}  // namespace quadrant
