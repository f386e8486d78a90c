// SPDX-License-Identifier: MIT
// quadrant run: runs the job, shows progress, prints a summary, writes the report.
#include <unistd.h>

#include <iostream>
#include <optional>

#include "pipeline/begin_thread.h"
#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/job/summary.h"
#include "pipeline/media/standard_output.h"
#include "pipeline/media/versions.h"
#include "pipeline/observe/trace.h"
#include "tools/job_options.h"
#include "tools/page.h"
#include "tools/planned_job.h"
#include "tools/side_file.h"
#include "tools/signals.h"
#include "tools/watch.h"

namespace quadrant {

int explain_job(const JobOptions& options);  // explain.cc

namespace {

struct RunOptions {
  JobOptions job;
  Choice choice;  // for a planned run
  bool dry_run = false;
  std::string report, hashes, html, trace;
  std::string progress = "auto";
  bool verbose = false;
};

// Runs `write`; a file that cannot be written does not affect the outputs.
template <class F>
bool written(F write) {
  try {
    write();
    return true;
  } catch (const Error& error) {
    std::cerr << "quadrant: " << printable_lines(error.what()) << '\n';
    return false;
  }
}

bool written(const SideFile& file, const std::string& text) {
  return written([&] { file.write(text); });
}

// The trace file, written during the run; a full disk ends the trace, and the run continues.
class TraceFile {
 public:
  explicit TraceFile(const SideFile& file)
      : growing_(file),
        trace_([this](std::string_view text) { growing_.append(text); }, quadrant_version()) {}
  void finish() {
    trace_.finish();
    growing_.finish();
  }
  void abandon() noexcept { growing_.abandon(); }

 private:
  SideFile::Growing growing_;
  Trace trace_;
};

std::string all_hashes(const Batch& batch) {
  std::string text;
  for (const InputState& input : batch.inputs()) {
    if (batch.inputs().size() > 1) text += "#input: " + input.input + "\n";
    text += input.hashes;
  }
  return text;
}

ProgressStyle progress_style(const std::string& name) {
  return name == "bar"     ? ProgressStyle::bar
         : name == "plain" ? ProgressStyle::plain
         : name == "json"  ? ProgressStyle::json
         : name == "none"  ? ProgressStyle::none
                           : ProgressStyle::automatic;
}

// What a user should know of an input that was done all the same. Of one that is up to date it was
// said when it was done, and stands in the report.
void print_notes(const InputReport& input) {
  if (input.status == name_of(Status::up_to_date)) return;
  const auto say = [&](std::string_view what, const std::string& text) {
    std::cerr << printable(fmt::format("{}: {}: {}", what, input.input, text)) << '\n';
  };
  if (input.plan)
    for (const LedgerLine& line : input.plan->ledger)
      if (line.is_unasked) say(line.state, fmt::format("{}: {}", line.subject, line.what));
  for (const std::string& loss : input.losses) say("lost", loss);
  for (const std::string& part : input.reprocessed) say("reprocessed", part);
  for (const std::string& failure : input.retried) say("retried", failure);
  if (input.segments_kept > 0)
    say("kept",
        fmt::format("{} of {} ({}) done by an earlier run", input.segments_kept,
                    counted(input.segments, "segment"), counted(input.frames_kept, "frame")));
  for (const std::string& damage : input.damage) say("damaged", damage);
}

void print_summary(const Report& report) {
  if (const std::string fewer = fewer_workers(); !fewer.empty())
    std::cerr << "note: " << fewer << '\n';
  std::size_t done = 0, failed = 0, up_to_date = 0, stopped = 0;
  for (const InputReport& i : report.inputs) {
    done += i.status == "done";
    failed += i.status == "failed";
    up_to_date += i.status == "up-to-date";
    stopped += i.status == "stopped";
    print_notes(i);
  }
  std::cerr << fmt::format("{} done, {} up to date, {} failed, {}{} in {:.1f} s\n", done,
                           up_to_date, failed,
                           stopped > 0 ? fmt::format("{} stopped, ", stopped) : "",
                           counted(report.frames_out(), "frame"), report.wall_seconds);
  if (report.frames_out() > 0) std::cerr << reading(report) << '\n';
}

bool says_summary(const RunOptions& options) {
  return options.progress != "none" && options.progress != "json";
}

void tell_own_outputs(const std::vector<std::string>& own) {
  if (own.empty()) return;
  const std::string others =
      own.size() > 1 ? fmt::format(" and {}", counted(std::ssize(own) - 1, "other file")) : "";
  std::cerr << printable(fmt::format("left out: {}{}: made by this job", own.front(), others))
            << '\n';
}

// The bytes of a film would be commands to it.
void refuse_terminal(const Batch& batch) {
  if (isatty(STDOUT_FILENO) && !batch.inputs().empty() &&
      is_standard_output(batch.inputs().front().output))
    fail(Fault::usage,
         "standard output is a terminal; send it to a program or a file: quadrant run ... -o - | "
         "PROGRAM");
}

PlannedJob job_of(const RunOptions& options) {
  if (is_run_directory(options.job.config)) return planned_job(options.job, options.choice);
  const JobSpec job = options.job.read();
  return {job, options.job.batch_options(job)};
}

void check_planned(const RunOptions& options) {
  if (options.job.overwrite || !options.hashes.empty())
    fail(Fault::usage, "{}: {} cannot be used with a planned run, which makes units, not outputs",
         options.job.config, options.job.overwrite ? "--overwrite" : "--frame-hashes");
}

int print_units(const RunOptions& options) {
  for (const PlannedUnit& unit :
       chosen(RunDirectory(options.job.config).read_units(), options.choice))
    std::cout << to_line(unit) << '\n';
  return all_done;
}

int run(const RunOptions& options) {
  if (is_run_directory(options.job.config)) {
    check_planned(options);
    if (options.dry_run) return print_units(options);
  } else if (!options.choice.shard.empty() || !options.choice.ids.empty()) {
    fail(Fault::usage, "--shard and --unit need a planned run, and {} is not one",
         options.job.config);
  }
  if (options.dry_run) return explain_job(options.job);
  static StopFlag stop;
  listen(stop);
  auto [job, batch_options] = job_of(options);
  const SideFile report_file("--report", options.report), hashes("--frame-hashes", options.hashes),
      html("--html", options.html), trace_file("--trace", options.trace);
  batch_options.keep_hashes = hashes.wanted();
  Batch batch(job, batch_options, stop);
  report_file.check(batch, {{options.job.config, "the configuration"}});
  hashes.check(batch,
               {{options.job.config, "the configuration"}, {options.report, "the --report"}});
  html.check(batch, {{options.job.config, "the configuration"},
                     {options.report, "the --report"},
                     {options.hashes, "the --frame-hashes"}});
  trace_file.check(batch, {{options.job.config, "the configuration"},
                           {options.report, "the --report"},
                           {options.hashes, "the --frame-hashes"},
                           {options.html, "the --html"}});
  refuse_terminal(batch);
  // From here on the configuration is settled; a failure now fails one input.
  call_this_thread("main");
  std::optional<TraceFile> trace;
  if (trace_file.wanted()) trace.emplace(trace_file);
  Watch watch(batch, make_progress(progress_style(options.progress), options.verbose),
              [&](const Report& report) {
                if (trace) trace->abandon();
                if (says_summary(options)) print_summary(report);
                if (report_file.wanted()) written(report_file, to_json(report));
              });
  tell_own_outputs(batch_options.own_outputs);
  if (says_summary(options)) tell_many_cores(batch_options.cores);
  batch.run();
  const Report& report = watch.end();
  for (const std::string& complaint : batch.diagnostics())
    std::cerr << "journal: " << printable(complaint) << '\n';
  if (says_summary(options)) print_summary(report);
  const int code = stop_asked() ? stopped_code() : exit_code(batch);
  bool complete = !hashes.wanted() || written(hashes, all_hashes(batch));
  complete &= !report_file.wanted() || written(report_file, to_json(report));
  complete &= !trace || written([&] { trace->finish(); });
  complete &= !html.wanted() || written(html, page_of(to_json(report)));
  return code == all_done && !complete ? temporary : code;
}

}  // namespace

Command run_command() {
  auto options = std::make_shared<RunOptions>();
  std::vector<Option> declared = options->job.declared();
  declared.push_back({"--shard", &options->choice.shard,
                      "for a planned run (CONFIG is its directory): only shard I of N", "I/N"});
  declared.push_back({"--unit", &options->choice.ids, "for a planned run: only this unit", "ID"});
  declared.push_back(
      {"--dry-run", &options->dry_run, "print the plan, touch nothing (= quadrant explain)"});
  declared.push_back({"--report", &options->report, "write a JSON report", "FILE"});
  declared.push_back(
      {"--html", &options->html, "write the report as one HTML page that works offline", "FILE"});
  declared.push_back({"--trace", &options->trace,
                      "write a timeline for ui.perfetto.dev or chrome://tracing", "FILE"});
  declared.push_back({"--frame-hashes", &options->hashes,
                      "write a hash per frame before encoding, in FFmpeg's framemd5 format",
                      "FILE"});
  declared.push_back({.names = "--progress",
                      .value = &options->progress,
                      .help = "progress display",
                      .type = "STYLE",
                      .shows_default = true,
                      .choices = {"auto", "bar", "plain", "json", "none"}});
  declared.push_back(
      {"--verbose", &options->verbose, "also print a line for each input that is up to date"});
  return {"run", "run the job", std::move(declared), [options] { return run(*options); }};
}

}  // namespace quadrant
