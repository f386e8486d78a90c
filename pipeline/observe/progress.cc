// SPDX-License-Identifier: MIT
#include "pipeline/observe/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/observe/progress_lines.h"
#include "pipeline/observe/terminal.h"

namespace quadrant {
namespace {

constexpr double plain_interval_seconds = 10;  // percentages must not fill a log file

void say(const std::string& text) {
  // A closed standard error is no reason to stop working.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
}

std::string final_line(const InputProgress& i) {
  if (i.status == "stopped" || i.status == "up-to-date")
    return fmt::format("{}: {}\n", i.status, printable(i.name));
  if (!i.error.empty())
    return failed_in_red(fmt::format("{}: {}\n", i.status, printable_lines(i.error)));
  const std::string kept = i.kept > 0 ? fmt::format(", {} of them reused", i.kept) : "";
  return fmt::format("{}: {}: {}{} in {} ({:.1f} fps)\n", i.status, printable(i.name),
                     counted(i.frames, "frame"), kept, clock_text(i.seconds), frames_per_second(i));
}

// Prints the inputs that ended; for those that are up to date the summary gives the number.
class News {
 public:
  explicit News(bool verbose) : verbose_(verbose) {}
  std::string of(const BatchProgress& now) const {
    std::string text;
    for (const InputProgress& input : now.news)
      if (verbose_ || input.status != "up-to-date") text += final_line(input);
    return text;
  }

 private:
  bool verbose_;
};

class Plain final : public Progress {
 public:
  explicit Plain(bool verbose) : news_(verbose) {}

  void show(const BatchProgress& now) override {
    tell_news(now);
    readings_.look(now);
    if (now.seconds - last_ < plain_interval_seconds) return;
    last_ = now.seconds;
    const Reading& batch = readings_.batch;
    say(fmt::format("{}, {}, {:.1f} fps, {}\n", batch.name,
                    counted(readings_.totals.frames, "frame"), batch.fps, left_text(batch)));
  }
  void finish(const BatchProgress& now) override { tell_news(now); }

 private:
  void tell_news(const BatchProgress& now) const {
    if (const std::string text = news_.of(now); !text.empty()) say(text);
  }

  News news_;
  Readings readings_;
  double last_ = 0;
};

// One line per running input and one for the batch, drawn over the previous ones. They never take
// more rows than the terminal has, or a row more than a line, or the next ones would be drawn in
// the wrong place.
class Bar final : public Progress {
 public:
  explicit Bar(bool verbose) : news_(verbose) {}
  void show(const BatchProgress& now) override { draw(now, true); }
  void finish(const BatchProgress& now) override { draw(now, false); }

 private:
  struct Line {
    std::string name, numbers;
  };

  void draw(const BatchProgress& now, bool running) {
    const TerminalSize size = terminal_size();
    std::string text = clear(size);
    text += news_.of(now);
    readings_.look(now);
    if (running)
      for (const std::string& line : progress_lines(readings_, now.inputs, size)) {
        text += line + "\n";
        drawn_.push_back(columns_of(line));
      }
    say(text);
  }

  // Goes back to the first line that was drawn. Where the terminal became narrower meanwhile, lines
  // take more rows than they did; what it scrolled away stays.
  std::string clear(const TerminalSize& size) {
    std::size_t rows = 0;
    for (const std::size_t columns : std::exchange(drawn_, {}))
      rows += std::max<std::size_t>(1, (columns + size.columns - 1) / size.columns);
    rows = std::min(rows, size.rows - 1);
    return rows > 0 ? fmt::format("\x1b[{}A\x1b[J", rows) : "";
  }

  News news_;
  Readings readings_;
  std::vector<std::size_t> drawn_;  // columns of each line
};

// One JSON object per line on standard error: {"event":"progress"|"input", …}:
// docs/command-line.md.
class Json final : public Progress {
 public:
  void show(const BatchProgress& now) override {
    tell_news(now);
    readings_.look(now);
    if (now.seconds - last_ < 1) return;
    last_ = now.seconds;
    tell_progress(now, readings_.batch.left);
  }
  void finish(const BatchProgress& now) override {
    tell_news(now);
    readings_.look(now);
    const bool all = readings_.totals.finished() == now.inputs;
    tell_progress(now, all ? std::optional(0.0) : std::nullopt);
  }

 private:
  static nlohmann::ordered_json known(std::optional<double> number) {
    return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json();
  }

  void tell_progress(const BatchProgress& now, std::optional<double> left) const {
    nlohmann::ordered_json running = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < now.running.size(); ++i) {
      const Reading& r = readings_.inputs[i];
      nlohmann::ordered_json total;
      if (r.all > 0) total = std::lround(r.all);
      running.push_back({{"input", r.name},
                         {"frames", now.running[i].coded()},
                         {"expected", now.running[i].expected},
                         {"total", total},
                         {"fps", r.fps},
                         {"eta", known(r.left)}});
    }
    const BatchTotals& t = readings_.totals;
    const bool knows = t.made + t.missing > 0 || t.finished() == now.inputs;
    line({{"event", "progress"},
          {"seconds", now.seconds},
          {"inputs", now.inputs},
          {"finished", t.finished()},
          {"frames", t.frames},
          {"expected", t.made + t.missing},
          {"total", knows ? nlohmann::ordered_json(t.frames + std::lround(t.missing)) : nullptr},
          {"fps", readings_.batch.fps},
          {"eta", known(left)},
          {"running", running}});
  }

  void tell_news(const BatchProgress& now) {
    for (const InputProgress& i : now.news)
      line({{"event", "input"},
            {"input", i.name},
            {"status", i.status},
            {"error", i.error},
            {"frames", i.frames},
            {"total", i.frames},
            {"fps", frames_per_second(i)},
            {"eta", 0},
            {"seconds", i.seconds}});
  }
  static void line(const nlohmann::ordered_json& object) {
    say(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }

  Readings readings_;
  double last_ = 0;
};

// Prints nothing unless an input fails: an exit code does not say which input and why.
class Silent final : public Progress {
 public:
  void show(const BatchProgress& now) override {
    for (const InputProgress& i : now.news)
      if (!i.error.empty()) say(final_line(i));
  }
  void finish(const BatchProgress& now) override { show(now); }
};

}  // namespace

std::unique_ptr<Progress> make_progress(ProgressStyle style, bool verbose) {
  switch (style) {
    case ProgressStyle::bar: return std::make_unique<Bar>(verbose);
    case ProgressStyle::plain: return std::make_unique<Plain>(verbose);
    case ProgressStyle::json: return std::make_unique<Json>();
    case ProgressStyle::none: return std::make_unique<Silent>();
    case ProgressStyle::automatic: break;
  }
  return make_progress(draws_over_lines() ? ProgressStyle::bar : ProgressStyle::plain, verbose);
}

}  // namespace quadrant
