// SPDX-License-Identifier: MIT
#include "pipeline/runners/process_runner.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "pipeline/failure.h"
#include "pipeline/media/allowed.h"
#include "pipeline/observe/machine.h"
#include "pipeline/observe/threads.h"
#include "pipeline/runners/message_socket.h"
#include "pipeline/runners/messages.h"
#include "pipeline/runners/stall_detector.h"
#include "pipeline/spawn.h"

namespace quadrant {
namespace {

using nlohmann::json;

constexpr int look_interval_ms = 50;
constexpr int child_descriptor = 3;
// Seconds. The kernel closes the socket of a process that ends when its memory is freed and its
// core file is written; one that lives longer closed the socket itself, and may never end.
constexpr double time_to_end = 1;
// With which a child ends before it can answer: that of a temporary failure, and that of the
// loader, which found no memory for a library.
constexpr int code_of_lack = 75, code_of_loader = 127;

std::int64_t oom_kills() { return kernel_count("oom_kill"); }

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name ? std::string("SIG") + name : fmt::format("signal {}", number);
}

// One child process.
class UnitProcess {
 public:
  // Throws Error(temporary) if the system has no process left.
  explicit UnitProcess(const ProcessSetup& setup);
  ~UnitProcess();
  UnitProcess(const UnitProcess&) = delete;
  UnitProcess& operator=(const UnitProcess&) = delete;

  // Each waits for the answer and forwards metrics meanwhile. Throws the Error that the process
  // reported, UnitDied if it stopped answering or made no progress, Error(stopped) once the job is
  // stopped.
  Opened open(const OpenOrder& order, Attempt& attempt) {
    return ask({{"open", order}}, attempt).at("opened").get<Opened>();
  }
  Answer run(const UnitOrder& order, Attempt& attempt) {
    Answer done = ask({{"unit", order}}, attempt).at("done").get<Answer>();
    note(done.metrics, attempt);
    return done;
  }
  void stitch(const StitchOrder& order, Attempt& attempt) {
    ask({{"stitch", order}}, attempt).at("done");
  }

 private:
  json ask(const json& order, Attempt& attempt);
  void look_for_progress(Standstill& standstill);
  void note(const Metrics& now, Attempt& attempt);
  void note_states(const Metrics& now);
  [[noreturn]] void died();
  void kill_and_reap() noexcept;
  void forget_cpu() noexcept;

  const ProcessSetup& setup_;
  pid_t pid_ = -1;
  std::unique_ptr<MessageSocket> socket_;
  Metrics noted_;
  std::int64_t oom_kills_;  // of the machine, when the process started
};

UnitProcess::UnitProcess(const ProcessSetup& setup) : setup_(setup), oom_kills_(oom_kills()) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    fail(Fault::temporary, "no process can be started: {}", std::strerror(errno));
  socket_ = std::make_unique<MessageSocket>(ends[0]);
  const MessageSocket theirs(ends[1]);  // closed here once the child has it
  std::vector<std::string> words = {"quadrant", "worker", std::to_string(child_descriptor),
                                    std::to_string(getpid())};
  for (const std::string& kind : allowed_kinds()) words.insert(words.end(), {"--allow", kind});
  pid_ = spawn({.program = setup.program,
                .words = std::move(words),
                .files = {},
                .descriptors = {{ends[1], child_descriptor}},
                .ignores_stop_signals = true});
}

UnitProcess::~UnitProcess() {
  kill_and_reap();
  setup_.totals.threads -= noted_.threads;
  setup_.totals.rss_bytes -= noted_.rss_bytes;
  setup_.frames.change(-noted_.in_progress, 0);
}

void UnitProcess::kill_and_reap() noexcept {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  forget_cpu();
  wait_for(pid_);
  pid_ = -1;
}

json UnitProcess::ask(const json& order, Attempt& attempt) {
  socket_->send(order);  // if the process is gone, ask() notices below
  Standstill standstill;
  for (;;) {
    const std::optional<json> told = socket_->receive(look_interval_ms);
    if (setup_.stop.raised()) fail(Fault::stopped, "stopped");
    if (told && told->contains("metrics"))
      note(told->at("metrics").get<Metrics>(), attempt);
    else if (told && !told->contains("failed"))
      return *told;
    else if (told) {
      const auto failed = told->at("failed").get<Failed>();
      throw Error(failed.fault, failed.what);
    }
    if (socket_->closed()) died();
    look_for_progress(standstill);
  }
}

void UnitProcess::look_for_progress(Standstill& standstill) {
  const std::int64_t progress =
      noted_.moves + noted_.packets_in + noted_.frames_out + noted_.packets_out;
  if (setup_.timeout <= 0 || standstill.seconds(progress) <= setup_.timeout) return;
  kill_and_reap();
  throw UnitDied(Fault::temporary,
                 fmt::format("no progress for {:g} s, so its process was killed", setup_.timeout));
}

// Metrics count from the start of the process; only the increments are forwarded.
void UnitProcess::note(const Metrics& now, Attempt& attempt) {
  attempt.meter.packets_in += now.packets_in - noted_.packets_in;
  attempt.meter.frames_in += now.frames_in - noted_.frames_in;
  attempt.meter.frames_out += now.frames_out - noted_.frames_out;
  attempt.meter.packets_out += now.packets_out - noted_.packets_out;
  attempt.meter.decode_errors += now.decode_errors - noted_.decode_errors;
  attempt.meter.add_backpressure(static_cast<double>(now.backpressure_ns - noted_.backpressure_ns) *
                                 1e-9);
  for (const auto& [index, stage] : now.stages) {
    const Metrics::Stage& before = noted_.stages[index];
    attempt.meter.stage(index, stage.name)
        .add(stage.calls - before.calls, stage.cpu_ns - before.cpu_ns,
             stage.wait_ns - before.wait_ns);
  }
  setup_.frames.change(now.in_progress - noted_.in_progress,
                       now.in_progress_peak - now.in_progress);
  setup_.frames.add_residence(now.frame_seconds - noted_.frame_seconds);
  note_states(now);
  setup_.totals.threads += now.threads - noted_.threads;
  setup_.totals.cpu_ns += to_ns(now.cpu_seconds) - to_ns(noted_.cpu_seconds);
  setup_.totals.rss_bytes += now.rss_bytes - noted_.rss_bytes;
  noted_ = now;
}

void UnitProcess::note_states(const Metrics& now) {
  std::map<FrameStateKey, std::int64_t> before;
  const auto key = [](const Metrics::At& p) {
    return FrameStateKey{p.node, static_cast<FrameStateKind>(p.kind), p.at};
  };
  for (const Metrics::At& state : noted_.states) before[key(state)] = state.ns;
  for (const Metrics::At& state : now.states)
    setup_.frames.state(key(state)).add(state.ns - before[key(state)]);
}

// After wait() the kernel counts the process's CPU time among this process's children. Subtracted
// before that: readers recognize a dip in the sum, but not time counted twice.
void UnitProcess::forget_cpu() noexcept {
  setup_.totals.cpu_ns -= to_ns(noted_.cpu_seconds);
  noted_.cpu_seconds = 0;
}

void UnitProcess::died() {
  forget_cpu();
  const std::optional<Ended> told = wait_for(pid_, time_to_end);
  if (!told) {
    kill_and_reap();
    throw UnitDied(Fault::input, "its process stopped answering but did not end, so it was killed");
  }
  pid_ = -1;
  const Ended& ended = *told;
  if (ended.signal == 0 && (ended.code == code_of_lack || ended.code == code_of_loader))
    throw UnitDied(Fault::temporary, "its process had too little memory or too few threads");
  if (ended.signal == 0)
    throw UnitDied(Fault::input,
                   fmt::format("its process ended with code {}, and was not done", ended.code));
  if (ended.signal != SIGKILL)
    throw UnitDied(Fault::input, fmt::format("its process crashed with {} ({})",
                                             signal_name(ended.signal), strsignal(ended.signal)));
  if (oom_kills() > oom_kills_)
    throw UnitDied(Fault::temporary, "its process was killed by the kernel: out of memory");
  throw UnitDied(Fault::input, "its process was killed with SIGKILL");
}

// The process that opened the input also does one unit of it. Every other unit, and the stitching,
// gets its own process, which receives the segments.
class InputInProcesses final : public InputRunner {
 public:
  InputInProcesses(const ProcessSetup& setup, OpenOrder order)
      : setup_(setup), order_(std::move(order)) {}

  Opened open(Attempt& attempt) override {
    const Span span("opening", order_.input.name);
    opened_ = std::make_unique<UnitProcess>(setup_);
    Opened told = opened_->open(order_, attempt);
    order_.segments = segments_of(told.outline.units);
    return told;
  }

  UnitResult run(const UnitOrder& order, Attempt& attempt) override {
    const Span span(name_of(order.unit), order_.input.name);
    const std::unique_ptr<UnitProcess> process = opened(attempt);
    Answer done = process->run(order, attempt);
    return std::move(done.result);
  }

  void stitch(const StitchOrder& order, Attempt& attempt) override {
    try {
      opened(attempt)->stitch(order, attempt);
    } catch (const UnitDied& died) {
      throw UnitDied(died.fault(),
                     fmt::format("{}: putting it together: {}", order_.input.name, died.what()));
    }
  }

 private:
  std::unique_ptr<UnitProcess> opened(Attempt& attempt) {
    {
      const std::lock_guard lock(mutex_);
      if (opened_) return std::move(opened_);
    }
    auto process = std::make_unique<UnitProcess>(setup_);
    process->open(order_, attempt);
    return process;
  }

  const ProcessSetup& setup_;
  OpenOrder order_;
  std::mutex mutex_;
  std::unique_ptr<UnitProcess> opened_;
};

}  // namespace

std::unique_ptr<InputRunner> ProcessRunner::input(OpenOrder order, Observer*) {
  return std::make_unique<InputInProcesses>(setup_, std::move(order));
}

}  // namespace quadrant
