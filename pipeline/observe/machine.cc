// SPDX-License-Identifier: MIT
#include "pipeline/observe/machine.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "pipeline/observe/meter.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The text after "KEY : " in /proc/cpuinfo, for each CPU.
template <class F>
void each_cpuinfo(const std::string& key, F use) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key))
      if (const auto colon = line.find(": "); colon != std::string::npos)
        use(line.substr(colon + 2));
}

}  // namespace

std::int64_t kernel_count(std::string_view name) {
  std::ifstream file("/proc/vmstat");
  std::string found;
  for (std::int64_t value = 0; file >> found >> value;)
    if (found == name) return value;
  return 0;
}

Machine this_machine() {
  Machine machine;
  each_cpuinfo("model name", [&](const std::string& name) { machine.cpu = name; });
  machine.governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (utsname name{}; uname(&name) == 0)
    machine.kernel = fmt::format("{} {}", name.sysname, name.release);
  machine.cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  machine.memory_bytes = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  return machine;
}

MachineClocks machine_clocks() {
  MachineClocks clocks{.wall_seconds = wall_seconds()};
  std::istringstream line(first_line("/proc/stat"));
  std::string cpu;
  double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
  if (line >> cpu >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal) {
    const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
    clocks.busy_seconds = (user + nice + system + irq + softirq) * tick;
    clocks.stolen_seconds = steal * tick;
  }
  clocks.swapped_bytes = (kernel_count("pswpin") + kernel_count("pswpout")) * sysconf(_SC_PAGESIZE);
  return clocks;
}

double fastest_megahertz() {
  double fastest = 0;
  std::error_code error;
  for (const fs::directory_entry& policy :
       fs::directory_iterator("/sys/devices/system/cpu/cpufreq", error))
    if (const std::string text = first_line(policy.path() / "scaling_cur_freq"); !text.empty())
      fastest = std::max(fastest, std::atof(text.c_str()) / 1000);
  if (fastest == 0)
    each_cpuinfo("cpu MHz", [&](const std::string& text) {
      fastest = std::max(fastest, std::atof(text.c_str()));
    });
  return fastest;
}

MachineUse use_between(const MachineClocks& before, const MachineClocks& after, double ours,
                       double megahertz) {
  const double wall = after.wall_seconds - before.wall_seconds;
  MachineUse use{.swapped_bytes = after.swapped_bytes - before.swapped_bytes,
                 .megahertz = megahertz};
  if (wall <= 0) return use;
  use.other_cores = std::max(0.0, after.busy_seconds - before.busy_seconds - ours) / wall;
  use.stolen_cores = (after.stolen_seconds - before.stolen_seconds) / wall;
  return use;
}

bool is_optimized_build() {
#if defined(NDEBUG) && defined(__OPTIMIZE__)
  return true;
#else
  return false;
#endif
}

}  // namespace quadrant
