// SPDX-License-Identifier: MIT
// quadrant completion: scripts for bash, zsh and fish to complete a command line, made from the
// table of commands.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "tools/command.h"

namespace quadrant {
namespace {

std::vector<std::string> completed_values(const Option& option) {
  return option.choices.empty() ? option.suggestions : option.choices;
}

// ---- bash

std::string bash_words(const std::vector<std::string>& words) {
  return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$word\")); return", fmt::join(words, " "));
}

std::string bash_values(const Command& command) {
  std::string cases;
  for (const Option& option : command.options) {
    const std::vector<std::string> values = completed_values(option);
    if (option.is_argument() || option.is_flag() || (values.empty() && option.names_files()))
      continue;
    std::string pattern = fmt::format("'{} --{}'", command.name, option.long_name());
    if (!option.short_name().empty())
      pattern += fmt::format(" | '{} -{}'", command.name, option.short_name());
    cases += fmt::format("    {}) {} ;;\n", pattern,
                         values.empty() ? "COMPREPLY=(); return" : bash_words(values));
  }
  return cases;
}

std::string bash_names(const Command& command) {
  std::vector<std::string> options{"--help"}, arguments;
  for (const Option& option : command.options) {
    if (!option.is_argument()) options.push_back("--" + option.long_name());
    const std::vector<std::string> values = completed_values(option);
    if (option.is_argument()) arguments.insert(arguments.end(), values.begin(), values.end());
  }
  std::string cases = fmt::format("    '{} '-*) {} ;;\n", command.name, bash_words(options));
  if (!arguments.empty())
    cases += fmt::format("    '{} '*) {} ;;\n", command.name, bash_words(arguments));
  return cases;
}

std::string bash_script() {
  std::string values, names;
  std::vector<std::string> commands;
  for (const Command& command : shown_commands()) {
    commands.push_back(command.name);
    values += bash_values(command);
    names += bash_names(command);
  }
  return "# bash completion for quadrant; made by `quadrant completion bash`\n"
         "_quadrant() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
         "command=${COMP_WORDS[1]}\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then " +
         bash_words(commands) +
         "; fi\n"
         "  case \"$command $before\" in\n" +
         values +
         "  esac\n"
         "  case \"$command $word\" in\n" +
         names +
         "  esac\n"
         "  COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "}\n"
         "complete -o filenames -F _quadrant quadrant\n";
}

// ---- zsh

std::string zsh_escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':') result += '\\';
    result += c;
  }
  return result;
}

std::string zsh_option(const Option& option) {
  const std::vector<std::string> values = completed_values(option);
  const std::string action = !values.empty()        ? fmt::format("({})", fmt::join(values, " "))
                             : option.names_files() ? "_files"
                                                    : " ";
  if (option.is_argument())
    return fmt::format("'{}:{}:{}'", option.repeats() ? "*" : "", zsh_escaped(option.names),
                       action);
  std::string tail = fmt::format("[{}]", zsh_escaped(option.full_help()));
  if (!option.is_flag()) tail += fmt::format(":{}:{}", zsh_escaped(option.value_name()), action);
  const std::string star = option.repeats() ? "'*'" : "", letter = option.short_name();
  const std::string name = letter.empty() ? "--" + option.long_name()
                                          : fmt::format("{{-{},--{}}}", letter, option.long_name());
  return fmt::format("{}{}'{}'", star, name, tail);
}

std::string zsh_script() {
  std::string commands, cases;
  for (const Command& command : shown_commands()) {
    commands += fmt::format("    '{}:{}'\n", command.name, zsh_escaped(command.summary));
    cases += fmt::format("    {}) _arguments", command.name);
    for (const Option& option : command.options) cases += " \\\n      " + zsh_option(option);
    cases += " ;;\n";
  }
  return "#compdef quadrant\n"
         "# zsh completion for quadrant; made by `quadrant completion zsh`\n"
         "_quadrant() {\n"
         "  local -a commands\n"
         "  commands=(\n" +
         commands +
         "  )\n"
         "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
         "  local command=$words[2]\n"
         "  shift words; (( CURRENT-- ))\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "_quadrant \"$@\"\n";
}

// ---- fish

std::string fish_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

std::string fish_option(const std::string& command, const Option& option) {
  std::string line =
      fmt::format("complete -c quadrant -n '__fish_seen_subcommand_from {}'", command);
  const std::vector<std::string> values = completed_values(option);
  if (!option.is_argument()) {
    line += " -l " + option.long_name();
    if (!option.short_name().empty()) line += " -s " + option.short_name();
    line += " -d " + fish_quoted(option.full_help());
    if (!option.is_flag()) line += option.names_files() || !values.empty() ? " -r" : " -x";
  } else if (values.empty()) {
    return "";
  }
  if (!values.empty()) line += fmt::format(" -f -a '{}'", fmt::join(values, " "));
  return line + "\n";
}

std::string fish_script() {
  std::string text = "# fish completion for quadrant; made by `quadrant completion fish`\n";
  for (const Command& command : shown_commands()) {
    text += fmt::format("complete -c quadrant -n __fish_use_subcommand -f -a {} -d {}\n",
                        command.name, fish_quoted(command.summary));
    for (const Option& option : command.options) text += fish_option(command.name, option);
  }
  return text;
}

}  // namespace

Command completion_command() {
  auto shell = std::make_shared<std::string>();
  return {"completion",
          "print the completion script for a shell",
          {{.names = "SHELL",
            .value = shell.get(),
            .help = "the shell",
            .required = true,
            .choices = {"bash", "zsh", "fish"}}},
          [shell] {
            std::cout << (*shell == "bash"  ? bash_script()
                          : *shell == "zsh" ? zsh_script()
                                            : fish_script());
            return all_done;
          }};
}

}  // namespace quadrant
