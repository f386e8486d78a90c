// SPDX-License-Identifier: MIT
#include "pipeline/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "pipeline/error.h"

namespace quadrant {
namespace {

struct Actions {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  Actions() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  ~Actions() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
};

void block_stop_signals(posix_spawnattr_t& attributes) {
  sigset_t blocked;
  sigemptyset(&blocked);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&blocked, number);
  posix_spawnattr_setsigmask(&attributes, &blocked);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
}

Ended ended_with(int status) {
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

// What the child needs, made before the fork.
struct Prepared {
  char* const* arguments;
  char* const* environment;
  const std::vector<int>& descriptors;  // all above those that they become
  pid_t parent;
  sigset_t signals;
  int* failure;
};

// In the child, in the memory of the parent, which waits: system calls only. Signals are blocked
// until no handler of the parent's is left.
[[noreturn]] void become(const Prepared& prepared) {
  for (std::size_t i = 0; i < prepared.descriptors.size(); ++i)
    dup2(prepared.descriptors[i], static_cast<int>(i));
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &usual, nullptr);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != prepared.parent) _exit(1);  // it died before prctl()
  sigprocmask(SIG_SETMASK, &prepared.signals, nullptr);
  execvpe(prepared.arguments[0], prepared.arguments, prepared.environment);
  *prepared.failure = errno;
  _exit(127);
}

[[gnu::noinline]] pid_t fork_and_become(const Prepared& prepared) {
  const pid_t process = vfork();
  if (process == 0) become(prepared);
  return process;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Copies of descriptors above any that they are to become.
class Lifted {
 public:
  explicit Lifted(const std::vector<int>& descriptors) {
    constexpr int least = 64;
    for (const int descriptor : descriptors)
      all.push_back(fcntl(descriptor, F_DUPFD_CLOEXEC, least));
  }
  ~Lifted() {
    for (const int descriptor : all) close(descriptor);
  }
  Lifted(const Lifted&) = delete;
  Lifted& operator=(const Lifted&) = delete;
  std::vector<int> all;
};

}  // namespace

pid_t spawn_helper(const std::vector<std::string>& words, const std::vector<int>& descriptors,
                   const std::vector<std::string>& environment) {
  std::vector<std::string> arguments = words, variables = environment;
  const std::vector<char*> argument_pointers = pointers_to(arguments),
                           variable_pointers = pointers_to(variables);
  const Lifted lifted(descriptors);
  int failure = 0;
  sigset_t all{}, before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  sigset_t none{};
  sigemptyset(&none);
  const pid_t process = fork_and_become(
      {argument_pointers.data(), variable_pointers.data(), lifted.all, getpid(), none, &failure});
  const int code = process < 0 ? errno : failure;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (process > 0 && code != 0) wait_for(process);
  if (code != 0)
    fail(code == EAGAIN || code == ENOMEM ? Fault::temporary : Fault::input,
         "{}: cannot be started: {}", words.front(), std::strerror(code));
  return process;
}

pid_t spawn(const Spawn& wanted) {
  Actions actions;
  for (const Spawn::File& file : wanted.files)
    posix_spawn_file_actions_addopen(&actions.files, file.descriptor, file.path.c_str(),
                                     file.write ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY, 0600);
  for (const auto& [ours, theirs] : wanted.descriptors)
    posix_spawn_file_actions_adddup2(&actions.files, ours, theirs);
  if (wanted.ignores_stop_signals) block_stop_signals(actions.attributes);
  std::vector<std::string> words = wanted.words;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process = -1;
  const int code = posix_spawnp(&process, wanted.program.c_str(), &actions.files,
                                &actions.attributes, arguments.data(), environ);
  if (code != 0)
    fail(Fault::temporary, "{}: no process can be started: {}", wanted.program,
         std::strerror(code));
  return process;
}

Ended wait_for(pid_t process) noexcept {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return ended_with(status);
}

std::optional<Ended> wait_for(pid_t process, double seconds) noexcept {
  constexpr std::chrono::milliseconds look_interval{5};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (;;) {
    int status = 0;
    if (waitpid(process, &status, WNOHANG) > 0) return ended_with(status);
    if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(look_interval);
  }
}

}  // namespace quadrant
