// SPDX-License-Identifier: MIT
// The command line: a table of subcommands, and faults as exit codes.
#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>

#include "pipeline/config/utf8.h"
#include "pipeline/error.h"
#include "pipeline/media/log.h"
#include "pipeline/media/versions.h"
#include "tools/command.h"

namespace quadrant {
namespace {

constexpr std::array commands = {run_command,     bench_command,  verify_command, advise_command,
                                 explain_command, stages_command, probe_command,  sample_command,
                                 schema_command,  plan_command,   merge_command,  submit_command,
                                 status_command,  clean_command,  unit_command,   worker_command};

void declare(CLI::App& command, const Option& option) {
  CLI::Option* made = std::visit(
      [&](auto* value) -> CLI::Option* {
        if constexpr (std::is_same_v<decltype(value), bool*>)
          return command.add_flag(option.names, *value, option.help);
        else
          return command.add_option(option.names, *value, option.help);
      },
      option.value);
  const bool argument = !option.names.starts_with('-');
  if (option.required) made->required();
  if (option.shows_default) made->capture_default_str();
  if (!option.type.empty()) made->type_name(option.type);
  if (option.range) made->check(CLI::Range(option.range->first, option.range->second));
  if (!option.choices.empty()) made->check(CLI::IsMember(option.choices));
  // An option that may come several times takes one value each time, not all that follows.
  if (!argument && std::holds_alternative<std::vector<std::string>*>(option.value))
    made->allow_extra_args(false);
}

int exit_code(Fault fault) {
  switch (fault) {
    case Fault::usage: return wrong_usage;
    case Fault::input: return some_failed;
    case Fault::temporary: return temporary;
    case Fault::locked: return locked;
    case Fault::incomplete: return incomplete;
    case Fault::stopped: return interrupted;
    case Fault::internal: break;
  }
  return internal_error;
}

int run(int argc, char** argv) {
  CLI::App app(
      "Runs YAML pipelines over video and images, in every way there is, with the same result.",
      "quadrant");
  app.set_version_flag("--version", [] { return library_versions(); });
  app.require_subcommand(1);
  app.footer(
      "`quadrant COMMAND --help` tells about a command, `quadrant stages` about what a job can "
      "do.");
  std::function<int()> action;
  for (const auto make : commands) {
    const Command command = make();
    CLI::App* parser = app.add_subcommand(command.name, command.summary);
    if (command.hidden) parser->group("");
    for (const Option& option : command.options) declare(*parser, option);
    parser->callback([&action, run = command.run] { action = run; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? all_done : wrong_usage;
  }
  const int code = action();
  // Data that went nowhere was not given. A reader that has enough (`| head`) closed its end
  // itself.
  errno = 0;
  if (!std::cout.flush() && errno != EPIPE)
    fail(Fault::temporary, "standard output cannot be written: {}", std::strerror(errno));
  return code;
}

}  // namespace
}  // namespace quadrant

int main(int argc, char** argv) {
  // A closed pipe or a file at its size limit is an error like others, not a death.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  quadrant::keep_libav_log();
  try {
    return quadrant::run(argc, argv);
  } catch (const quadrant::Error& error) {
    std::cerr << "quadrant: " << quadrant::printable_lines(error.what()) << '\n';
    return quadrant::exit_code(error.fault());
  } catch (const std::bad_alloc&) {
    std::cerr << "quadrant: out of memory\n";
    return quadrant::temporary;
  } catch (const std::exception& error) {
    std::cerr << "quadrant: internal error: " << error.what() << '\n';
    return quadrant::internal_error;
  }
}
