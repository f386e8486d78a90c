// SPDX-License-Identifier: MIT
// quadrant manual: manual pages in the man(7) macros, made from the table of commands.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "pipeline/error.h"
#include "pipeline/media/versions.h"
#include "tools/command.h"

namespace quadrant {
namespace {

// roff would typeset a plain hyphen as a hyphen, and treat a dot or quote at the start as a macro.
std::string roff(std::string_view text) {
  std::string result;
  if (text.starts_with('.') || text.starts_with('\'')) result = "\\&";
  for (const char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  }
  return result;
}

std::string page_head(const std::string& name, const std::string& summary) {
  return fmt::format(".TH {} 1 \"\" \"Quadrant {}\" \"Quadrant\"\n.SH NAME\n{} \\- {}\n", name,
                     quadrant_version(), roff(name), roff(summary));
}

std::string argument_usage(const Option& option) {
  if (!option.is_argument()) return "";
  const std::string name =
      fmt::format("\\fI{}\\fR{}", roff(option.names), option.repeats() ? " ..." : "");
  return option.required ? " " + name : " [" + name + "]";
}

std::string option_entry(const Option& option) {
  std::string title;
  if (option.is_argument()) {
    title = fmt::format("\\fI{}\\fR", roff(option.names));
  } else {
    if (const std::string letter = option.short_name(); !letter.empty())
      title = fmt::format("\\fB\\-{}\\fR, ", roff(letter));
    title += fmt::format("\\fB\\-\\-{}\\fR", roff(option.long_name()));
    if (const std::string value = option.value_name(); !value.empty())
      title += fmt::format(" \\fI{}\\fR", roff(value));
  }
  std::string text = option.full_help();
  if (!option.choices.empty()) {
    text += text.empty() ? "one of" : "; one of";
    for (const std::string& choice : option.choices) text += " " + choice;
  }
  return fmt::format(".TP\n{}\n{}\n", title, roff(text));
}

std::string command_page(const Command& command) {
  std::string text = page_head("quadrant-" + command.name, command.summary);
  text += fmt::format(".SH SYNOPSIS\n\\fBquadrant {}\\fR [\\fIOPTIONS\\fR]", roff(command.name));
  for (const Option& option : command.options) text += argument_usage(option);
  text += "\n";
  if (!command.options.empty()) text += ".SH OPTIONS\n";
  for (const Option& option : command.options)
    if (!option.hidden) text += option_entry(option);
  return text + ".SH SEE ALSO\n.BR quadrant (1)\n";
}

constexpr std::string_view exit_codes = R"(.SH EXIT STATUS
.TP
0
all inputs are done or up to date
.TP
1
at least one input failed, or \fBbench\fR or \fBverify\fR found a difference; the rest is done
.TP
2
wrong usage or configuration; nothing was touched
.TP
3
incomplete: \fBmerge\fR names the units that are missing, \fBverify\fR what could not be compared
.TP
5
another run is writing an output
.TP
70
internal error
.TP
75
temporary failure, such as a full disk; the same command may work later
.TP
130, 143
stopped by a signal; the same command resumes the run
)";

std::string main_page() {
  const std::vector<Command> shown = shown_commands();
  std::string text = page_head("quadrant", "run a YAML pipeline over video and images");
  text +=
      ".SH SYNOPSIS\n\\fBquadrant\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] ...\n"
      ".SH DESCRIPTION\nQuadrant decodes and encodes with FFmpeg's libraries, processes frames "
      "with OpenCV and\nFFmpeg's filters, and runs one job in five execution modes, with "
      "byte\\-identical output.\n.SH COMMANDS\n";
  for (const Command& command : shown)
    text += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(command.name), roff(command.summary));
  text += exit_codes;
  text +=
      ".SH FILES\n.TP\n\\&.quadrant.jsonl\nin each output directory: which outputs are complete, "
      "and for which job\n.TP\n\\&.NAME.part, .NAME.segments\nbeside an output: what a run is "
      "writing, and what the next run resumes from\n.SH SEE ALSO\n";
  for (const Command& command : shown)
    text += fmt::format(".BR quadrant\\-{} (1)\n", roff(command.name));
  return text;
}

int print_manual(const std::string& name) {
  if (name.empty()) {
    std::cout << main_page();
    return all_done;
  }
  const std::vector<Command> all = all_commands();
  const auto found = std::ranges::find(all, name, &Command::name);
  if (found == all.end()) fail(Fault::usage, "manual: there is no command '{}'", name);
  std::cout << command_page(*found);
  return all_done;
}

}  // namespace

Command manual_command() {
  auto name = std::make_shared<std::string>();
  return {.name = "manual",
          .summary = "print a manual page; of one command, or of all together",
          .options = {{"COMMAND", name.get(), "the command; default: quadrant(1)"}},
          .run = [name] { return print_manual(*name); },
          .hidden = true};
}

}  // namespace quadrant
