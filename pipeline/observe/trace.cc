// SPDX-License-Identifier: MIT
#include "pipeline/observe/trace.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "pipeline/observe/clocks.h"
#include "pipeline/observe/threads.h"

namespace quadrant {
namespace {

constexpr int threads_process = 1, frames_process = 2;

std::string in_json(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string without_quotes(const std::string& text) { return text.substr(1, text.size() - 2); }

// The format counts microseconds, and viewers add a span's start and length in floating point.
// Eighths make that exact (three decimals are then exact too): spans that touch still touch.
std::int64_t eighths(double seconds) { return std::llround(seconds * 8e6); }

void append_time(std::string& text, std::int64_t eighths) {
  fmt::format_to(std::back_inserter(text), "{}.{:03}", eighths / 8, eighths % 8 * 125);
}

void append_span(std::string& text, const TraceEvent& e, double from) {
  const std::int64_t begin = eighths(e.begin - from), end = eighths(e.end - from);
  if (e.kind == TraceEvent::Kind::state && begin == end) return;  // passed through without time
  const int process = e.kind == TraceEvent::Kind::thread ? threads_process : frames_process;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, ",\n{{\"ph\":\"X\",\"pid\":{},\"tid\":{},\"ts\":", process, e.row);
  append_time(text, begin);
  text += ",\"dur\":";
  append_time(text, end - begin);
  switch (e.kind) {
    case TraceEvent::Kind::frame:
      fmt::format_to(out, ",\"cat\":\"frame\",\"name\":\"{}{}\",\"args\":{{\"seconds\":{:.6f}",
                     e.name, e.number >= 0 ? fmt::format(" {}", e.number) : "", e.value);
      break;
    case TraceEvent::Kind::state:
      fmt::format_to(out, ",\"cat\":\"state\",\"name\":\"{}\",\"args\":{{", e.name);
      break;
    default:
      fmt::format_to(out, ",\"cat\":\"work\",\"name\":\"{}\",\"args\":{{", e.name);
      if (e.number >= 0) fmt::format_to(out, "\"strip\":{}", e.number);
  }
  if (e.of) fmt::format_to(out, "{}\"input\":\"{}\"", text.back() == '{' ? "" : ",", e.of);
  text += "}}";
}

void append_count(std::string& text, const TraceEvent& e, double from) {
  fmt::format_to(std::back_inserter(text),
                 ",\n{{\"ph\":\"C\",\"pid\":{},\"tid\":0,\"ts\":", threads_process);
  append_time(text, eighths(e.begin - from));
  fmt::format_to(std::back_inserter(text), ",\"name\":\"{}\",\"args\":{{\"{}\":{:.6g}}}}}", e.name,
                 e.name, e.value);
}

std::string metadata(const char* what, int process, int row, const std::string& name) {
  return fmt::format(
      ",\n{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"{}\",\"args\":{{\"name\":{}}}}}", process,
      row, what, in_json(name));
}

std::string sorted(int process, int row) {
  return fmt::format(
      ",\n{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"thread_sort_index\","
      "\"args\":{{\"sort_index\":{}}}}}",
      process, row, row);
}

}  // namespace

std::atomic<Trace*> Trace::active_{nullptr};

void TraceBuffer::add(const TraceEvent& event) {
  std::vector<TraceEvent> full;
  {
    const std::lock_guard lock(mutex_);
    if (events_.capacity() < capacity) events_.reserve(capacity);
    events_.push_back(event);
    if (events_.size() < capacity) return;
    full.swap(events_);
  }
  if (Trace* trace = Trace::active()) trace->write(full);
}

std::vector<TraceEvent> TraceBuffer::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(events_, {});
}

Trace::Trace(Sink sink, const std::string& about) : sink_(std::move(sink)), began_(wall_seconds()) {
  each_thread_row([](ThreadRow& row) { row.trace().take(); });  // left by an earlier, aborted trace
  sink_(
      fmt::format("{{\"displayTimeUnit\":\"ms\",\"otherData\":{{\"about\":{}}},\"traceEvents\":[\n"
                  "{{\"ph\":\"M\",\"pid\":{},\"tid\":0,\"name\":\"process_name\","
                  "\"args\":{{\"name\":\"threads (executing)\"}}}}",
                  in_json(about), threads_process) +
      metadata("process_name", frames_process, 0, "frames (in progress)"));
  active_ = this;
}

Trace::~Trace() { active_ = nullptr; }

const char* Trace::kept(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return names_.insert(without_quotes(in_json(name))).first->c_str();
}

void Trace::write(const std::vector<TraceEvent>& events) {
  std::string text;
  text.reserve(events.size() * 160);
  std::set<int> threads, frames;
  for (const TraceEvent& e : events) {
    if (e.kind == TraceEvent::Kind::count) {
      append_count(text, e, began_);
      continue;
    }
    append_span(text, e, began_);
    (e.kind == TraceEvent::Kind::thread ? threads : frames).insert(e.row);
  }
  const std::lock_guard lock(mutex_);
  thread_rows_.merge(threads);
  frame_rows_.merge(frames);
  sink_(text);
}

void Trace::finish() {
  each_thread_row([this](ThreadRow& row) {
    const std::vector<TraceEvent> events = row.trace().take();
    if (!events.empty()) write(events);
  });
  write(others_.take());
  active_ = nullptr;
  std::string text;
  each_thread_row([&](ThreadRow& row) {
    if (thread_rows_.contains(row.number()))
      text += metadata("thread_name", threads_process, row.number(), row.name()) +
              sorted(threads_process, row.number());
  });
  for (const int row : frame_rows_)
    text += metadata("thread_name", frames_process, row, fmt::format("in progress {}", row + 1)) +
            sorted(frames_process, row);
  sink_(text + "\n]}\n");
}

}  // namespace quadrant
