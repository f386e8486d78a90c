// SPDX-License-Identifier: MIT
// Starts a process and reports how it ended. Uses posix_spawn, or vfork and exec with nothing
// between them that needs memory or a lock: a program with threads must not do more after a fork.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quadrant {

struct Spawn {
  std::string program;             // a path, or a name to find in PATH
  std::vector<std::string> words;  // the arguments, starting with its name
  struct File {
    int descriptor = 0;
    std::string path;
    bool write = false;  // create or truncate
  };
  std::vector<File> files;                       // opened as these descriptors
  std::vector<std::pair<int, int>> descriptors;  // ours, and their numbers in the child
  // A terminal's ^C and a scheduler's SIGTERM go to the whole process group; the child ignores
  // them.
  bool ignores_stop_signals = false;
};

// Throws Error(temporary) if the system has no process left, or no such program.
pid_t spawn(const Spawn& wanted);

// A program that computes for a stage. It has a process group of its own, so a terminal's ^C does
// not reach it, and killing the group kills what it started. The kernel kills it (SIGKILL) when the
// calling *thread* ends, however that happens. `descriptors` are ours, and become 0, 1, 2 ... of
// the program; all others of ours should be close-on-exec. Throws Error(input) if there is no such
// program, Error(temporary) if the system has no process left.
pid_t spawn_helper(const std::vector<std::string>& words, const std::vector<int>& descriptors,
                   const std::vector<std::string>& environment);

// How a process ended.
struct Ended {
  int code = 0;    // exit code
  int signal = 0;  // that killed it; 0: none
};
Ended wait_for(pid_t process) noexcept;
// Nothing if it has not ended after `seconds`; it can be waited for again.
std::optional<Ended> wait_for(pid_t process, double seconds) noexcept;

}  // namespace quadrant
