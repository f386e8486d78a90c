// SPDX-License-Identifier: MIT
#include "pipeline/foreign/helper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "pipeline/begin_thread.h"
#include "pipeline/observe/clocks.h"
#include "pipeline/observe/helper_processes.h"
#include "pipeline/observe/machine.h"
#include "pipeline/observe/threads.h"
#include "pipeline/spawn.h"

namespace quadrant {
namespace {

std::int64_t kills_for_memory() { return kernel_count("oom_kill"); }

// The kernel kills a helper when the thread that started it ends, so one thread starts all of them
// and lives as long as the process. Never destroyed, for the same reason.
class Launcher {
 public:
  static Launcher& only() {
    static Launcher& launcher = *new Launcher;
    return launcher;
  }

  pid_t launch(std::function<pid_t()> start) {
    std::packaged_task<pid_t()> task(std::move(start));
    std::future<pid_t> started = task.get_future();
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    return started.get();
  }

 private:
  Launcher() {
    begin_thread([this] {
      call_this_thread("launcher");
      run();
    }).detach();
  }
  [[noreturn]] void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return !tasks_.empty(); });
      std::packaged_task<pid_t()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::packaged_task<pid_t()>> tasks_;
};

// The caller's environment, with what libraries need to know: each helper has one core, and a set
// of Python's has the same order in each of them.
std::vector<std::string> environment_of_helper() {
  std::vector<std::string> all;
  for (char** variable = environ; *variable; ++variable) all.emplace_back(*variable);
  for (const std::string name : {"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1",
                                 "NUMEXPR_NUM_THREADS=1", "PYTHONHASHSEED=0"}) {
    const std::string start = name.substr(0, name.find('=') + 1);
    if (std::ranges::none_of(all, [&](const std::string& v) { return v.starts_with(start); }))
      all.push_back(name);
  }
  return all;
}

Death death_of(const siginfo_t& info, bool for_memory) {
  if (info.si_code == CLD_EXITED)
    return {Fault::input, fmt::format("ended with code {}", info.si_status)};
  if (info.si_status == SIGKILL && for_memory)
    return {Fault::temporary, "was killed by the kernel: out of memory"};
  const char* name = sigabbrev_np(info.si_status);
  return {Fault::input,
          fmt::format("was killed by {}", name ? fmt::format("SIG{}", name)
                                               : fmt::format("signal {}", info.si_status))};
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) reset(), std::swap(value_, other.value_);
  return *this;
}

void Descriptor::reset() noexcept {
  if (value_ >= 0) close(value_);
  value_ = -1;
}

Pipe::Pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    fail(Fault::temporary, "no pipe can be made: {}", std::strerror(errno));
  out = Descriptor(ends[0]);
  in = Descriptor(ends[1]);
}

Descriptor text_file(std::string_view text) {
  Descriptor file(memfd_create("quadrant", MFD_CLOEXEC));
  if (file.get() < 0 || write(file.get(), text.data(), text.size()) != std::ssize(text) ||
      lseek(file.get(), 0, SEEK_SET) != 0)
    fail(Fault::temporary, "no memory for a program: {}", std::strerror(errno));
  return file;
}

Helper::Helper(const std::vector<std::string>& words, const std::vector<int>& descriptors)
    : oom_kills_(kills_for_memory()) {
  pid_ = Launcher::only().launch(
      [&] { return spawn_helper(words, descriptors, environment_of_helper()); });
  add_helper(pid_);
}

// The group is killed before its leader is waited for: until then nothing else can have its number.
Helper::~Helper() {
  kill(-pid_, SIGKILL);
  forget_helper(pid_);
  wait_for(pid_);
}

std::optional<Death> Helper::death(double seconds) {
  constexpr std::chrono::milliseconds interval{2};
  const double until = wall_seconds() + seconds;
  while (!death_) {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | WNOHANG) == 0 &&
        info.si_pid == pid_)
      death_ = death_of(info, kills_for_memory() > oom_kills_);
    else if (wall_seconds() >= until)
      break;
    else
      std::this_thread::sleep_for(interval);
  }
  return death_;
}

double Patience::seconds() {
  constexpr double longest_look = 0.5;
  const double now = wall_seconds();
  if (looked_ >= 0) seconds_ += std::min(now - looked_, longest_look);
  looked_ = now;
  return seconds_;
}

}  // namespace quadrant
