// SPDX-License-Identifier: MIT
// quadrant run: the job, its progress, its summary, its report.
#include <unistd.h>

#include <condition_variable>
#include <iostream>
#include <map>
#include <set>
#include <thread>

#include "pipeline/batch/summary.h"
#include "pipeline/config/utf8.h"
#include "tools/job_options.h"
#include "tools/page.h"
#include "tools/planned_job.h"
#include "tools/side_file.h"
#include "tools/signals.h"

namespace quadrant {

int explain_job(const JobOptions& options);  // explain.cc

namespace {

struct RunOptions {
  JobOptions job;
  Choice choice;  // of a planned run
  bool dry_run = false;
  std::string report, hashes, html;
  std::string progress = "auto";
};

// Long enough for every lane to end at its next frame, and below the promised two seconds.
constexpr double patience_seconds = 1.4;
constexpr std::chrono::milliseconds look_interval{50};

// A file that cannot be written takes nothing from the outputs.
bool written(const SideFile& file, const std::string& text) {
  try {
    file.write(text);
    return true;
  } catch (const Error& error) {
    std::cerr << "quadrant: " << printable_lines(error.what()) << '\n';
    return false;
  }
}

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

// Looks at the run from outside, a few times a second: progress, the number of threads, and a stop
// that takes too long.
class Watch {
 public:
  Watch(Batch& batch, ProgressStyle style, const SideFile& report_file)
      : batch_(batch),
        report_file_(report_file),
        progress_(make_progress(style)),
        wall_(wall_seconds()),
        cpu_(process_cpu_seconds()),
        thread_([this] { look(); }) {}

  ~Watch() { end(); }

  Report end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) {
      thread_.join();
      report_ = report_of(batch_, wall_seconds() - wall_, process_cpu_seconds() - cpu_, threads_);
      progress_->finish(progress_of(batch_, report_.wall_seconds));
    }
    return report_;
  }

 private:
  void look() {
    std::unique_lock lock(mutex_);
    double stop_seen = 0;
    for (int i = 0; !wake_.wait_for(lock, look_interval, [&] { return ended_; }); ++i) {
      threads_ = std::max(threads_, thread_count() + batch_.unit_threads());
      tell_overdue();
      if (i % 4 == 0) progress_->show(progress_of(batch_, wall_seconds() - wall_));
      if (!stop_asked()) continue;
      if (stop_seen == 0) stop_seen = wall_seconds();
      if (wall_seconds() - stop_seen > patience_seconds) leave();
    }
  }

  // Whoever watches a run that hangs should know why.
  void tell_overdue() {
    for (const InputState& input : batch_.inputs())
      if (input.overdue && told_.insert(&input).second)
        std::cerr << printable(
                         fmt::format("overdue: {}: a part of it makes no progress and was asked to "
                                     "end; run.isolate: process ends for certain what does not "
                                     "listen",
                                     input.input))
                  << '\n';
  }

  // A codec or a stage is in a long call that nothing can end: take away what is half-written and
  // go.
  [[noreturn]] void leave() {
    batch_.abandon();
    if (report_file_.wanted())
      written(report_file_, to_json(report_of(batch_, wall_seconds() - wall_,
                                              process_cpu_seconds() - cpu_, threads_)));
    _exit(stopped_code());
  }

  Batch& batch_;
  const SideFile& report_file_;
  std::unique_ptr<Progress> progress_;
  double wall_, cpu_;
  int threads_ = 1;
  bool ended_ = false;
  std::set<const InputState*> told_;  // to be overdue
  Report report_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

// What a user should know of an input that was done all the same.
void print_notes(const InputReport& input) {
  const auto say = [&](std::string_view what, const std::string& text) {
    std::cerr << printable(fmt::format("{}: {}: {}", what, input.input, text)) << '\n';
  };
  for (const std::string& loss : input.losses) say("lost", loss);
  for (const std::string& part : input.redone) say("again", part);
  for (const std::string& failure : input.retried) say("retried", failure);
  if (input.segments_kept > 0)
    say("kept", fmt::format("{} of {} segments, {} frames, were done by an earlier run",
                            input.segments_kept, input.segments, input.frames_kept));
  for (const std::string& damage : input.damage) say("damaged", damage);
}

void print_summary(const Report& report) {
  std::size_t done = 0, failed = 0, up_to_date = 0;
  for (const InputReport& i : report.inputs) {
    done += i.status == "done";
    failed += i.status == "failed";
    up_to_date += i.status == "up-to-date";
    print_notes(i);
  }
  std::cerr << fmt::format("{} done, {} up to date, {} failed, {} frames in {:.1f} s\n", done,
                           up_to_date, failed, report.frames_out(), report.wall_seconds);
  if (report.frames_out() > 0) std::cerr << reading(report) << '\n';
}

PlannedJob job_of(const RunOptions& options) {
  if (is_run_directory(options.job.config)) return planned_job(options.job, options.choice);
  const JobSpec job = options.job.read();
  return {job, options.job.batch_options(job)};
}

void check_planned(const RunOptions& options) {
  if (options.job.overwrite || !options.hashes.empty())
    fail(Fault::usage, "{}: a planned run makes units, so {} has no meaning", options.job.config,
         options.job.overwrite ? "--overwrite" : "--frame-hashes");
}

int print_units(const RunOptions& options) {
  for (const PlannedUnit& unit :
       chosen(RunDirectory(options.job.config).read_units(), options.choice))
    std::cout << to_line(unit) << '\n';
  return all_done;
}

int run_job(const RunOptions& options) {
  if (is_run_directory(options.job.config)) {
    check_planned(options);
    if (options.dry_run) return print_units(options);
  } else if (!options.choice.shard.empty() || !options.choice.ids.empty()) {
    fail(Fault::usage, "--shard and --unit choose of a planned run; {} is none",
         options.job.config);
  }
  if (options.dry_run) return explain_job(options.job);
  static StopFlag stop;
  listen(stop);
  auto [job, batch_options] = job_of(options);
  const SideFile report_file("--report", options.report), hashes("--frame-hashes", options.hashes),
      html("--html", options.html);
  batch_options.keep_hashes = hashes.wanted();
  Batch batch(job, batch_options, stop);
  report_file.check(batch, {{options.job.config, "the configuration"}});
  hashes.check(batch,
               {{options.job.config, "the configuration"}, {options.report, "the --report"}});
  html.check(batch, {{options.job.config, "the configuration"},
                     {options.report, "the --report"},
                     {options.hashes, "the --frame-hashes"}});
  // From here on the configuration is settled; what fails now fails one input.
  Watch watch(batch, progress_style(options.progress), report_file);
  batch.run();
  const Report report = watch.end();
  for (const std::string& complaint : batch.complaints())
    std::cerr << "journal: " << printable(complaint) << '\n';
  if (options.progress != "none" && options.progress != "json") print_summary(report);
  const int code = stop_asked() ? stopped_code() : exit_code(batch);
  bool complete = !hashes.wanted() || written(hashes, all_hashes(batch));
  complete &= !report_file.wanted() || written(report_file, to_json(report));
  complete &= !html.wanted() || written(html, page_of(to_json(report)));
  return code == all_done && !complete ? temporary : code;
}

}  // namespace

Command run_command() {
  auto options = std::make_shared<RunOptions>();
  std::vector<Option> declared = options->job.declared();
  declared.push_back({"--shard", &options->choice.shard,
                      "of a planned run (CONFIG is its directory): part I of N, counted from 1",
                      "I/N"});
  declared.push_back({"--unit", &options->choice.ids, "of a planned run: this unit", "ID"});
  declared.push_back(
      {"--dry-run", &options->dry_run, "print the plan, touch nothing (= quadrant explain)"});
  declared.push_back({"--report", &options->report, "write a JSON report", "FILE"});
  declared.push_back(
      {"--html", &options->html, "write the report as one page that needs no network", "FILE"});
  declared.push_back({"--frame-hashes", &options->hashes,
                      "write one line a frame before encoding, as FFmpeg's framemd5", "FILE"});
  declared.push_back({.names = "--progress",
                      .value = &options->progress,
                      .help = "how to show it",
                      .type = "STYLE",
                      .shows_default = true,
                      .choices = {"auto", "bar", "plain", "json", "none"}});
  return {"run", "run the job", std::move(declared), [options] { return run_job(*options); }};
}

}  // namespace quadrant
