// SPDX-License-Identifier: MIT
#include "pipeline/batch/unit_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "pipeline/batch/retry.h"
#include "pipeline/observe/machine.h"

namespace quadrant {
namespace {

using nlohmann::json;

constexpr int look_interval_ms = 50;
constexpr int child_descriptor = 3;

std::int64_t oom_kills() { return kernel_count("oom_kill"); }

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name ? std::string("SIG") + name : fmt::format("signal {}", number);
}

struct SpawnActions {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  SpawnActions() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnActions() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
};

// A terminal's ^C and a scheduler's SIGTERM reach the whole group; the run decides what becomes of
// its units, so they never see them.
void block_stop_signals(posix_spawnattr_t& attributes) {
  sigset_t blocked;
  sigemptyset(&blocked);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&blocked, number);
  posix_spawnattr_setsigmask(&attributes, &blocked);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
}

pid_t spawn(const std::string& program, int socket) {
  SpawnActions actions;
  posix_spawn_file_actions_adddup2(&actions.files, socket, child_descriptor);
  block_stop_signals(actions.attributes);
  std::array<std::string, 4> words = {"quadrant", "serve-unit", std::to_string(child_descriptor),
                                      std::to_string(getpid())};
  std::array<char*, 5> arguments{words[0].data(), words[1].data(), words[2].data(), words[3].data(),
                                 nullptr};
  pid_t pid = -1;
  const int code = posix_spawn(&pid, program.c_str(), &actions.files, &actions.attributes,
                               arguments.data(), environ);
  if (code != 0) fail(Fault::temporary, "no process can be made: {}", std::strerror(code));
  return pid;
}

}  // namespace

UnitProcess::UnitProcess(BatchContext& context) : context_(context), oom_kills_(oom_kills()) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    fail(Fault::temporary, "no process can be made: {}", std::strerror(errno));
  wire_ = std::make_unique<Wire>(ends[0]);
  const Wire theirs(ends[1]);  // closed here once they have it
  pid_ = spawn(context.options.program, ends[1]);
}

UnitProcess::~UnitProcess() {
  kill_and_reap();
  context_.unit_threads -= noted_.threads;
  context_.unit_rss_bytes -= noted_.rss_bytes;
  context_.frames.change(-noted_.in_progress, 0);
}

void UnitProcess::kill_and_reap() noexcept {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  forget_cpu();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Opened UnitProcess::open(const OpenOrder& order, Attempt& attempt) {
  return ask({{"open", order}}, attempt).at("opened").get<Opened>();
}

Made UnitProcess::make(const PartOrder& order, Attempt& attempt) {
  Made made = ask({{"part", order}}, attempt).at("made").get<Made>();
  note(made.figures, attempt);
  return made;
}

void UnitProcess::stitch(const StitchOrder& order, Attempt& attempt) {
  ask({{"stitch", order}}, attempt).at("made");
}

json UnitProcess::ask(const json& order, Attempt& attempt) {
  wire_->send(order);  // if it is gone, the answer will tell
  Patience patience;
  const double timeout = context_.options.timeout;
  for (;;) {
    const std::optional<json> told = wire_->receive(look_interval_ms);
    if (context_.stop.raised()) fail(Fault::stopped, "stopped");
    if (told && told->contains("figures"))
      note(told->at("figures").get<Figures>(), attempt);
    else if (told && !told->contains("failed"))
      return *told;
    else if (told) {
      const auto failed = told->at("failed").get<Failed>();
      throw Error(failed.fault, failed.what);
    }
    if (wire_->closed()) died();
    const std::int64_t progress = noted_.moves + noted_.packets_in + noted_.frames_out;
    if (timeout > 0 && patience.stood_still(progress) > timeout) {
      kill_and_reap();
      throw Died(Fault::temporary,
                 fmt::format("no progress for {:g} s, so its process was ended", timeout));
    }
  }
}

// Figures count from the process's beginning; what is new in them is passed on.
void UnitProcess::note(const Figures& now, Attempt& attempt) {
  attempt.meter.packets_in += now.packets_in - noted_.packets_in;
  attempt.meter.frames_in += now.frames_in - noted_.frames_in;
  attempt.meter.frames_out += now.frames_out - noted_.frames_out;
  attempt.meter.decode_errors += now.decode_errors - noted_.decode_errors;
  attempt.meter.was_full(static_cast<double>(now.full_ns - noted_.full_ns) * 1e-9);
  for (const auto& [place, stage] : now.stages) {
    const Figures::Stage& before = noted_.stages[place];
    attempt.meter.stage(place, stage.name)
        .add(stage.calls - before.calls, stage.cpu_ns - before.cpu_ns,
             stage.wait_ns - before.wait_ns);
  }
  context_.frames.change(now.in_progress - noted_.in_progress,
                         now.in_progress_peak - now.in_progress);
  context_.frames.add_residence(now.frame_seconds - noted_.frame_seconds);
  note_places(now);
  context_.unit_threads += now.threads - noted_.threads;
  context_.unit_cpu_ns += to_ns(now.cpu_seconds) - to_ns(noted_.cpu_seconds);
  context_.unit_rss_bytes += now.rss_bytes - noted_.rss_bytes;
  noted_ = now;
}

void UnitProcess::note_places(const Figures& now) {
  std::map<PlaceKey, std::int64_t> before;
  const auto key = [](const Figures::At& p) {
    return PlaceKey{p.node, static_cast<PlaceKind>(p.kind), p.at};
  };
  for (const Figures::At& place : noted_.places) before[key(place)] = place.ns;
  for (const Figures::At& place : now.places)
    context_.frames.place(key(place)).add(place.ns - before[key(place)]);
}

// From the moment it is waited for, the kernel counts its CPU time among this process's children.
// Before that, for a dip in the sum is seen as one, and a time that is there twice is not.
void UnitProcess::forget_cpu() noexcept {
  context_.unit_cpu_ns -= to_ns(noted_.cpu_seconds);
  noted_.cpu_seconds = 0;
}

void UnitProcess::died() {
  int status = 0;
  forget_cpu();
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (!WIFSIGNALED(status))
    throw Died(Fault::input, fmt::format("its process ended with code {}, and was not done",
                                         WEXITSTATUS(status)));
  const int number = WTERMSIG(status);
  if (number != SIGKILL)
    throw Died(Fault::input, fmt::format("its process crashed with {} ({})", signal_name(number),
                                         strsignal(number)));
  if (oom_kills() > oom_kills_)
    throw Died(Fault::temporary, "its process was killed by the kernel: out of memory");
  throw Died(Fault::input, "its process was killed with SIGKILL");
}

}  // namespace quadrant
