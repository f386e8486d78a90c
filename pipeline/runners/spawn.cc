// SPDX-License-Identifier: MIT
#include "pipeline/runners/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
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

}  // namespace

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
