// SPDX-License-Identifier: MIT
// A frei0r plug-in that goes wrong, for tests of isolation: what a user's own plug-in can do to a
// run. Loaded by FFmpeg's filter frei0r through FREI0R_PATH; the interface is frei0r's 1.x,
// declared here so that no package is needed.
//
//   QUADRANT_FAULT        crash | hang | exit | eat (memory, without end) | disconnect (close the
//                         process's socket, then hang), at the fifth picture
//   QUADRANT_FAULT_TIMES  a file; each fault takes a byte from it until none is left. Not given:
//                         always
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

namespace {

struct Instance {
  std::size_t pixels;
  int pictures = 0;  // so far; FFmpeg 5.1 does not always tell the time
};

bool is_due() {
  const char* file = std::getenv("QUADRANT_FAULT_TIMES");
  if (!file) return true;
  std::error_code missing;
  const auto left = std::filesystem::file_size(file, missing);
  if (missing || left == 0) return false;
  std::filesystem::resize_file(file, left - 1);
  return true;
}

// A little at a time and every page of it, so that the kernel's killer comes and not a failed call.
void eat_memory() {
  constexpr std::size_t morsel = 1 << 20;
  void* eaten = mmap(nullptr, morsel, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (eaten == MAP_FAILED) std::_Exit(8);
}

// The number stays taken, so that no other file gets it.
void close_socket() {
  constexpr int socket = 3;  // of process_runner.cc
  dup2(open("/dev/null", O_RDWR | O_CLOEXEC), socket);
}

void go_wrong() {
  const char* fault = std::getenv("QUADRANT_FAULT");
  if (!fault || !is_due()) return;
  const std::string what = fault;
  if (what == "crash") std::raise(SIGSEGV);
  if (what == "exit") std::_Exit(7);
  if (what == "disconnect") close_socket();
  while (what == "hang" || what == "disconnect") pause();
  while (what == "eat") eat_memory();
}

}  // namespace

extern "C" {

struct f0r_plugin_info {
  const char *name, *author;
  int plugin_type, color_model, frei0r_version, major_version, minor_version, num_params;
  const char* explanation;
};

int f0r_init() { return 1; }
void f0r_deinit() {}
void f0r_get_plugin_info(f0r_plugin_info* info) {
  *info = {"faulty", "quadrant's tests", 0, 1, 1, 0, 1, 0, "goes wrong when it is told to"};
}
void f0r_get_param_info(void*, int) {}
void f0r_set_param_value(void*, void*, int) {}
void f0r_get_param_value(void*, void*, int) {}

void* f0r_construct(unsigned width, unsigned height) {
  return new Instance{std::size_t{width} * height};
}
void f0r_destruct(void* instance) { delete static_cast<Instance*>(instance); }

void f0r_update(void* instance, double, const std::uint32_t* in, std::uint32_t* out) {
  auto& self = *static_cast<Instance*>(instance);
  if (++self.pictures == 5) go_wrong();
  std::memcpy(out, in, self.pixels * sizeof *in);
}
}
