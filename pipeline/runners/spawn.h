// SPDX-License-Identifier: MIT
// Starting a process, and what it ended with. By posix_spawn: a program with threads must not fork
// without exec.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace quadrant {

struct Spawn {
  std::string program;             // a path, or looked for in PATH
  std::vector<std::string> words;  // its name first
  struct File {
    int descriptor = 0;
    std::string path;
    bool write = false;  // made, or emptied
  };
  std::vector<File> files;                       // opened as these descriptors
  std::vector<std::pair<int, int>> descriptors;  // of ours, and what they are called there
  // A terminal's ^C and a scheduler's SIGTERM reach the whole group; it never sees them.
  bool ignores_stop_signals = false;
};

// Throws Error(temporary) if there can be no more processes, or no such program.
pid_t spawn(const Spawn& wanted);

// How a process ended.
struct Ended {
  int code = 0;    // that it exited with
  int signal = 0;  // that ended it; 0: none did
};
Ended wait_for(pid_t process) noexcept;

}  // namespace quadrant
