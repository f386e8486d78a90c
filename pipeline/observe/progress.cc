// SPDX-License-Identifier: MIT
#include "pipeline/observe/progress.h"

#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/observe/time_left.h"

namespace quadrant {
namespace {

constexpr double plain_interval_seconds = 10;  // percentages must not fill a log file

void say(const std::string& text) {
  // A closed standard error is no reason to stop working.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
}

double fps(const InputProgress& input) {
  return input.seconds > 0 ? static_cast<double>(input.frames - input.kept) / input.seconds : 0;
}

std::string clock(double seconds) {
  const long s = std::lround(seconds);
  return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                   : fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string eta(double seconds, double made, double missing) {
  return made > 0 ? clock(seconds * std::max(0.0, missing) / made) : "?";
}

std::string final_line(const InputProgress& i) {
  if (i.status == "stopped" || i.status == "up-to-date")
    return fmt::format("{}: {}\n", i.status, printable(i.name));
  if (!i.error.empty()) return fmt::format("{}: {}\n", i.status, printable_lines(i.error));
  const std::string kept = i.kept > 0 ? fmt::format(", {} of them reused", i.kept) : "";
  return fmt::format("{}: {}: {}{} in {} ({:.1f} fps)\n", i.status, printable(i.name),
                     counted(i.frames, "frame"), kept, clock(i.seconds), fps(i));
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
    if (now.seconds - last_ < plain_interval_seconds) return;
    last_ = now.seconds;
    const BatchTotals t = totals(now);
    say(fmt::format("{} of {} inputs, {} frames, {:.1f} fps, {} left\n", t.finished(), now.inputs,
                    t.frames, static_cast<double>(t.frames) / std::max(now.seconds, 1e-3),
                    eta(now.seconds, t.made, t.missing)));
  }
  void finish(const BatchProgress& now) override { tell_news(now); }

 private:
  void tell_news(const BatchProgress& now) const {
    if (const std::string text = news_.of(now); !text.empty()) say(text);
  }

  News news_;
  double last_ = 0;
};

// One line per running input and one for the batch, drawn over the previous ones.
class Bar final : public Progress {
 public:
  explicit Bar(bool verbose) : news_(verbose) {}
  void show(const BatchProgress& now) override { draw(now, true); }
  void finish(const BatchProgress& now) override { draw(now, false); }

 private:
  static std::size_t columns() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
  }

  static std::string line(const std::string& name, double part, const std::string& numbers,
                          std::size_t width) {
    constexpr std::size_t cells = 20;
    const auto full = static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * cells);
    const std::string text = fmt::format("[{}{}] {:3.0f}% {}  {}", std::string(full, '#'),
                                         std::string(cells - full, '.'),
                                         std::clamp(part, 0.0, 1.0) * 100, numbers, name);
    std::vector<std::string> characters = printable_characters(text);
    if (characters.size() >= width) characters.resize(width - 1);
    return fmt::format("{}", fmt::join(characters, ""));
  }

  void draw(const BatchProgress& now, bool running) {
    std::string text;
    if (lines_ > 0) text += fmt::format("\x1b[{}A\x1b[J", lines_);
    lines_ = 0;
    text += news_.of(now);
    if (running) {
      for (const InputProgress& i : now.running)
        add(text, i.name, static_cast<double>(i.frames), static_cast<double>(i.expected),
            i.seconds);
      const BatchTotals t = totals(now);
      if (now.inputs > 1)
        add(text, fmt::format("{} of {} inputs", t.finished(), now.inputs), t.made,
            t.made + t.missing, now.seconds);
    }
    say(text);
  }

  void add(std::string& text, const std::string& name, double done, double all, double seconds) {
    const std::string numbers = fmt::format(
        "{:.0f}{} frames {:.1f} fps {} left", done, all > 0 ? fmt::format("/{:.0f}", all) : "",
        seconds > 0 ? done / seconds : 0, all > 0 ? eta(seconds, done, all - done) : "?");
    text += line(name, all > 0 ? done / all : 0, numbers, columns()) + "\n";
    ++lines_;
  }

  News news_;
  int lines_ = 0;
};

// One JSON object per line on standard error: {"event":"progress"|"input", …}.
class Json final : public Progress {
 public:
  void show(const BatchProgress& now) override {
    tell_news(now);
    if (now.seconds - last_ < 1) return;
    last_ = now.seconds;
    nlohmann::ordered_json running = nlohmann::ordered_json::array();
    for (const InputProgress& i : now.running)
      running.push_back(
          {{"input", i.name}, {"frames", i.frames}, {"expected", i.expected}, {"fps", fps(i)}});
    const BatchTotals t = totals(now);
    line({{"event", "progress"},
          {"seconds", now.seconds},
          {"inputs", now.inputs},
          {"finished", t.finished()},
          {"frames", t.frames},
          {"expected", t.made + t.missing},
          {"running", running}});
  }
  void finish(const BatchProgress& now) override { tell_news(now); }

 private:
  void tell_news(const BatchProgress& now) {
    for (const InputProgress& i : now.news)
      line({{"event", "input"},
            {"input", i.name},
            {"status", i.status},
            {"error", i.error},
            {"frames", i.frames},
            {"seconds", i.seconds}});
  }
  static void line(const nlohmann::ordered_json& object) {
    say(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }

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
  return make_progress(isatty(STDERR_FILENO) ? ProgressStyle::bar : ProgressStyle::plain, verbose);
}

}  // namespace quadrant
