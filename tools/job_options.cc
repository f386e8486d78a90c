// SPDX-License-Identifier: MIT
#include "tools/job_options.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iostream>
#include <set>

#include "pipeline/counted.h"
#include "pipeline/execute/budget.h"
#include "pipeline/job/names.h"
#include "pipeline/media/allowed.h"
#include "stages/stages.h"

namespace quadrant {

namespace fs = std::filesystem;

Option allow_option(std::vector<std::string>& kinds) {
  return {.names = "--allow",
          .value = &kinds,
          .help = "what inputs may pull in besides files of their own folder: network, files",
          .type = "WHAT",
          .choices = {"network", "files"}};
}

std::vector<Option> JobOptions::declared() {
  return {{.names = "CONFIG", .value = &config, .help = "the job, a YAML file", .required = true},
          {"INPUT", &inputs,
           "replaces `input`: files, globs, URLs, image sequences, or - for standard input"},
          {"-o,--output", &output,
           "replaces output.path; {dir} {stem} {ext} {name} {index} are filled in; - is standard "
           "output",
           "PATTERN"},
          {.names = "-m,--mode",
           .value = &mode,
           .help = "sequential, concurrent, tiles, frames, segments or auto",
           .type = "MODE",
           .suggestions = {"sequential", "concurrent", "tiles", "frames", "segments", "auto"}},
          {"-c,--cores", &cores, "number of cores, or all; limits every thread pool", "N"},
          {"--memory", &memory, "memory of the run, codecs included, e.g. 2G", "SIZE"},
          {"--set", &settings, "override a key, e.g. output.video.crf=20 or stages.0.blur.sigma=2",
           "KEY=VALUE"},
          {"--overwrite", &overwrite, "replace outputs that are not up to date"},
          {"--fail-fast", &fail_fast, "stop at the first failed input"},
          {"--max-failures", &max_failures, "stop starting inputs after N failures", "N"},
          {.names = "--isolate",
           .value = &isolate,
           .help = "none, or process: run each unit in a process of its own",
           .type = "HOW",
           .suggestions = {"none", "process"}},
          {"--retries", &retries, "retries for a unit that crashed or failed temporarily", "N"},
          {"--timeout", &timeout, "stop a unit that makes no progress for this long; none: never",
           "SECONDS"},
          {"--strict", &strict,
           "refuse an input that is damaged, or of which the output cannot keep everything"},
          allow_option(allowed)};
}

std::vector<Option> JobOptions::declared_of_job() {
  return declared({"CONFIG", "INPUT", "--memory", "--set", "--isolate", "--strict", "--allow"});
}

std::vector<Option> JobOptions::declared(std::initializer_list<std::string_view> names) {
  std::vector<Option> options = declared();
  std::erase_if(options, [names](const Option& option) {
    return std::ranges::find(names, option.names) == names.end();
  });
  return options;
}

// An option with a key in the configuration sets that key: one check, one message.
JobSpec JobOptions::read_file(const std::string& file) const {
  allow(allowed);
  std::vector<Override> overrides;
  for (const std::string& setting : settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos)
      fail(Fault::usage, "--set {}: KEY=VALUE is wanted, e.g. output.video.crf=20", setting);
    overrides.push_back({setting.substr(0, equals), setting.substr(equals + 1)});
  }
  if (!mode.empty()) overrides.push_back({"run.mode", mode, "--mode"});
  if (!cores.empty()) overrides.push_back({"run.cores", cores, "--cores"});
  if (!memory.empty()) overrides.push_back({"run.memory", memory, "--memory"});
  if (!isolate.empty()) overrides.push_back({"run.isolate", isolate, "--isolate"});
  if (!retries.empty()) overrides.push_back({"run.retries", retries, "--retries"});
  if (!timeout.empty()) overrides.push_back({"run.timeout", timeout, "--timeout"});
  if (!max_failures.empty())
    overrides.push_back({"run.max_failures", max_failures, "--max-failures"});
  return read_job_file(file, all_stages(), overrides);
}

JobSpec JobOptions::read() const {
  JobSpec job = read_file(config);
  if (!output.empty()) {
    job.output.path = output;
    job.output.path_location = {};
  }
  if (!inputs.empty()) job.inputs.clear();
  for (const std::string& input : inputs) job.inputs.push_back(read_input(input));
  if (job.inputs.empty())
    fail(Fault::usage,
         "{}: no input; give `input:` in the configuration or INPUT on the command line", config);
  if (job.output.path.empty())
    fail(Fault::usage,
         "{}: no output; give `output.path` in the configuration or -o on the command line",
         config);
  return job;
}

std::string in_shell(const std::string& word) {
  constexpr std::string_view safe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  if (!word.empty() && word.find_first_not_of(safe) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

namespace {

// Escapes a name so that it can be used as a pattern.
std::string as_pattern(const std::string& path) {
  std::string pattern;
  for (const char c : path) pattern.append(c == '{' || c == '}' ? 2 : 1, c);
  return pattern;
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + in_shell(word);
  return line;
}

}  // namespace

std::string JobOptions::run_command(std::string_view mode, int cores) const {
  constexpr std::size_t most_inputs = 20;
  std::vector<std::string> words = {"quadrant", "run", config};
  words.insert(words.end(), inputs.begin(),
               inputs.begin() + static_cast<std::ptrdiff_t>(std::min(inputs.size(), most_inputs)));
  if (!output.empty()) words.insert(words.end(), {"-o", output});
  for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
  for (const std::string& kind : allowed) words.insert(words.end(), {"--allow", kind});
  words.insert(words.end(), {"--mode", std::string(mode)});
  if (cores > 0) words.insert(words.end(), {"--cores", std::to_string(cores)});
  return shell_line(words) + (inputs.size() > most_inputs ? " (and all other inputs)" : "");
}

std::string JobOptions::unit_command(const BatchOptions::UnitName& unit) const {
  std::vector<std::string> words = {program_invocation_name, "unit", "-o", as_pattern(unit.output)};
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {option, value});
  };
  add("-m", unit.mode.empty() ? mode : unit.mode);
  add("-c", cores);
  add("--memory", memory);
  for (const std::string& setting : settings) add("--set", setting);
  for (const std::string& kind : allowed) add("--allow", kind);
  add("--unit", unit.unit);
  words.insert(words.end(), {"--", config, to_text(unit.input)});
  return shell_line(words);
}

BatchOptions JobOptions::batch_options(const JobSpec& job) const {
  BatchOptions options;
  ExpandedInputs expanded = expand_inputs(job.inputs, config);
  options.inputs = std::move(expanded.inputs);
  options.own_outputs = std::move(expanded.own_outputs);
  if (options.inputs.empty() && !options.own_outputs.empty())
    fail(Fault::usage, "{}: no input: all files that match are outputs of this job", config);
  options.mode = job.run.mode;
  options.cores = job.run.cores;
  options.memory = job.run.memory;
  options.overwrite = overwrite;
  options.isolate = job.run.isolate;
  options.reproduce = [this](const auto& unit) { return unit_command(unit); };
  options.retries = job.run.retries;
  options.timeout = job.run.timeout;
  options.max_failures = fail_fast ? 1 : job.run.max_failures;
  options.strict = strict;
  return options;
}

void refuse_unrepeatable(const Batch& batch, std::string_view command) {
  for (const InputState& input : batch.inputs()) {
    std::error_code ignored;
    const fs::file_status status = fs::status(input.input, ignored);
    if (input.input == "-" || fs::is_fifo(status) || fs::is_socket(status))
      fail(Fault::usage, "{}: {}: can be read only once, and every run reads it; take a file",
           command, input.input);
  }
}

int exit_code(const Batch& batch) {
  std::set<Fault> faults;
  bool touched = false;
  for (const InputState& input : batch.inputs()) {
    const Status status = input.status;
    touched |= status == Status::done || status == Status::up_to_date || input.meter.frames_in > 0;
    if (status == Status::failed) faults.insert(input.fault);
  }
  if (faults.contains(Fault::internal)) return internal_error;
  if (faults.contains(Fault::incomplete)) return incomplete;
  if (faults.contains(Fault::usage)) return touched ? some_failed : wrong_usage;
  if (faults.contains(Fault::input)) return some_failed;
  if (faults.contains(Fault::temporary)) return temporary;
  return faults.contains(Fault::locked) ? locked : all_done;
}

void tell_many_cores(int asked) {
  if (const int here = available_cores(); asked > here)
    std::cerr << fmt::format(
        "note: {} cores are asked for and {} can be used here; more threads "
        "than that run no faster\n",
        asked, counted(here, "core"));
}

}  // namespace quadrant
