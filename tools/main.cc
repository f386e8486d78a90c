// SPDX-License-Identifier: MIT
// The command line: a table of subcommands; errors become exit codes.
#include <sys/mman.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <vector>

#include "pipeline/config/nearest.h"
#include "pipeline/config/scalars.h"
#include "pipeline/config/utf8.h"
#include "pipeline/error.h"
#include "pipeline/failure.h"
#include "pipeline/media/log.h"
#include "pipeline/media/versions.h"
#include "tools/command.h"

namespace quadrant {
namespace {

CLI::Validator in_range(const Option& option) {
  return CLI::Validator(
      [option](const std::string& text) {
        const std::optional<double> value = to_real(text);
        if (value && option.range->first <= *value && *value <= option.range->second)
          return std::string();
        return fmt::format("must be {:.10g} to {:.10g}, not {}", option.range->first,
                           option.range->second, text);
      },
      "");
}

// As an unset variable of a script gives it: `-o "$OUT"`.
std::string not_empty(const std::string& text) {
  return text.empty() ? "a value is wanted, not an empty one" : "";
}

void declare(CLI::App& command, const Option& option) {
  const std::string help = option.full_help();
  CLI::Option* made = std::visit(
      [&](auto* value) -> CLI::Option* {
        if constexpr (std::is_same_v<decltype(value), bool*>)
          return command.add_flag(option.names, *value, help);
        else
          return command.add_option(option.names, *value, help);
      },
      option.value);
  if (option.required) made->required();
  if (option.shows_default) made->capture_default_str();
  if (option.is_argument() || !option.type.empty()) made->type_name(option.type);
  if (!option.is_flag()) made->check(not_empty);
  if (option.range) made->check(in_range(option));
  if (!option.choices.empty()) made->check(CLI::IsMember(option.choices));
  if (option.hidden) made->group("");
  // A repeatable option takes one value each time, not all that follow.
  if (!option.is_argument() && option.repeats()) made->allow_extra_args(false);
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

std::vector<std::string> long_options(const Command& command) {
  std::vector<std::string> names{"--help"};
  for (const Option& option : command.options)
    if (!option.is_argument()) names.push_back("--" + option.long_name());
  return names;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names,
                         std::string_view help) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view name = nearest(word, views);
  return name.empty() ? fmt::format("; see {}", help) : fmt::format(", did you mean '{}'?", name);
}

void refuse_unknown_command(const std::string& word, const std::vector<Command>& all) {
  if (word.starts_with('-') || std::ranges::find(all, word, &Command::name) != all.end()) return;
  std::error_code ignored;
  if (std::filesystem::exists(word, ignored))
    fail(Fault::usage, "'{}' is a file, not a command; to run a job: quadrant run JOB [INPUT...]",
         word);
  std::vector<std::string> names;
  for (const Command& command : shown_commands()) names.push_back(command.name);
  fail(Fault::usage, "there is no command '{}'{}", word,
       did_you_mean(word, names, "quadrant --help"));
}

void refuse_unknown_options(const Command& command, const std::vector<std::string>& words) {
  const std::vector<std::string> known = long_options(command);
  for (const std::string& word : words) {
    if (word == "--") return;
    const std::string name = word.substr(0, word.find('='));
    if (!name.starts_with("--") || std::ranges::find(known, name) != known.end()) continue;
    const std::string help = fmt::format("quadrant {} --help", command.name);
    fail(Fault::usage, "quadrant {} has no option '{}'{}", command.name, name,
         did_you_mean(name, known, help));
  }
}

// Runs before the parser, which cannot suggest the nearest name.
void refuse_unknown(const std::vector<std::string>& words, const std::vector<Command>& all) {
  if (words.empty()) return;
  refuse_unknown_command(words.front(), all);
  const auto command = std::ranges::find(all, words.front(), &Command::name);
  if (command != all.end()) refuse_unknown_options(*command, {words.begin() + 1, words.end()});
}

// `quadrant help run` and `quadrant version` are what other programs answer to.
std::vector<std::string> usual_words(std::vector<std::string> words) {
  if (words.empty()) return words;
  if (words.front() == "version") words.front() = "--version";
  if (words.front() == "help") {
    words.erase(words.begin());
    words.emplace_back("--help");
  }
  return words;
}

// In the voice of all other messages.
[[noreturn]] void refuse(const CLI::ParseError& error, const std::vector<std::string>& words,
                         const std::vector<Command>& all) {
  const bool named =
      !words.empty() && std::ranges::find(all, words.front(), &Command::name) != all.end();
  const std::string program = named ? "quadrant " + words.front() : "quadrant";
  std::string what = error.what();
  if (!named)
    what = words.empty() ? "no command" : fmt::format("there is no option '{}'", words.front());
  constexpr std::string_view required = " is required",
                             extra = "The following argument was not expected: ";
  if (what.ends_with(required))
    what.replace(what.size() - required.size(), required.size(), " is missing");
  if (what.starts_with(extra)) what = "unexpected argument " + what.substr(extra.size());
  fail(Fault::usage, "{}{}; see {} --help", named ? words.front() + ": " : "", what, program);
}

int run(int argc, char** argv) {
  const std::vector<Command> all = all_commands();
  const std::vector<std::string> words = usual_words({argv + 1, argv + argc});
  refuse_unknown(words, all);
  CLI::App app(
      "Runs a YAML pipeline over video and images, in five execution modes, with byte-identical "
      "output.",
      "quadrant");
  app.set_version_flag("--version", [] { return library_versions(); });
  app.require_subcommand(1);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.footer(
      "`quadrant COMMAND --help` describes a command, `quadrant stages` lists what a job can do.");
  std::function<int()> action;
  for (const Command& command : all) {
    CLI::App* parser = app.add_subcommand(command.name, command.summary);
    if (command.hidden) parser->group("");
    for (const Option& option : command.options) declare(*parser, option);
    parser->callback([&action, run = command.run] { action = run; });
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // from the end
  } catch (const CLI::Success& help) {
    return app.exit(help, std::cout, std::cerr) == 0 ? all_done : wrong_usage;
  } catch (const CLI::ParseError& error) {
    refuse(error, words, all);
  }
  const int code = action();
  // Output that could not be written is a failure, unless the reader closed the pipe itself (`|
  // head`).
  errno = 0;
  if (!std::cout.flush() && errno != EPIPE)
    fail(Fault::temporary, "standard output cannot be written: {}", std::strerror(errno));
  return code;
}

// Called where an exception meets a frame that may throw nothing: a library's thread or callback.
// For lack of memory or threads the process ends as for any temporary failure; all else is a bug,
// and aborts.
std::terminate_handler otherwise = nullptr;

void end_for_lack() {
  const std::exception_ptr failure = std::current_exception();
  const char* const lack = failure ? lack_in(failure) : nullptr;
  if (!lack) otherwise();
  for (const char* text : {"quadrant: ", lack, "\n"}) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
  }
  _exit(temporary);
}

// glibc aborts where it has no memory for its own needs, such as the destructor of a thread's
// variable. Returning from here goes on with the abort.
void end_for_lack_of_glibc(int) {
  constexpr std::size_t heap_of_a_thread = 64 << 20;
  void* const tried =
      mmap(nullptr, heap_of_a_thread, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (tried != MAP_FAILED) return;
  constexpr std::string_view text = "quadrant: out of memory\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
  _exit(temporary);
}

}  // namespace
}  // namespace quadrant

int main(int argc, char** argv) {
  // A closed pipe or a file at its size limit must be an ordinary error, not kill the process.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGABRT, quadrant::end_for_lack_of_glibc);
  quadrant::otherwise = std::set_terminate(quadrant::end_for_lack);
  quadrant::keep_libav_log();
  try {
    return quadrant::run(argc, argv);
  } catch (...) {
    const std::exception_ptr failure = std::current_exception();
    const quadrant::Fault fault = quadrant::fault_of(failure);
    std::cerr << "quadrant: " << (fault == quadrant::Fault::internal ? "internal error: " : "")
              << quadrant::printable_lines(quadrant::what_of(failure)) << '\n';
    return quadrant::exit_code(fault);
  }
}
