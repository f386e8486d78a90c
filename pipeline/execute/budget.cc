// SPDX-License-Identifier: MIT
#include "pipeline/execute/budget.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "pipeline/begin_thread.h"
#include "pipeline/error.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

// A word of a file's first line as a number; nothing for "max", for -1 or for a missing file.
std::optional<double> number_in(const fs::path& file, int word = 0) {
  std::ifstream in(file);
  std::string text;
  for (int i = 0; i <= word; ++i)
    if (!(in >> text)) return std::nullopt;
  try {
    const double value = std::stod(text);
    return value > 0 ? std::optional(value) : std::nullopt;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

// This process's cgroup in the hierarchy of `controller` ("" for v2), from /proc/self/cgroup.
std::optional<fs::path> group(const std::string& controller) {
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::istringstream names(line.substr(first + 1, second - first - 1));
    if (controller.empty() && first + 1 == second) return line.substr(second + 1);
    for (std::string name; std::getline(names, name, ',');)
      if (name == controller) return line.substr(second + 1);
  }
  return std::nullopt;
}

// The least `limit` of the cgroup and of every cgroup above it. In a container the cgroup's path
// may not exist below the mount point; then the mount's root applies.
template <class F>
double least_up_to_root(const fs::path& mount, const fs::path& inside, F limit) {
  double least = std::numeric_limits<double>::infinity();
  for (fs::path p = inside.relative_path();; p = p.parent_path()) {
    if (const std::optional<double> value = limit(mount / p)) least = std::min(least, *value);
    if (p.empty()) return least;
  }
}

double memory_limit() {
  double least = std::numeric_limits<double>::infinity();
  if (const auto inside = group(""))
    least = std::min(least, least_up_to_root("/sys/fs/cgroup", *inside, [](const fs::path& p) {
                       return number_in(p / "memory.max");
                     }));
  if (const auto inside = group("memory"))
    least =
        std::min(least, least_up_to_root("/sys/fs/cgroup/memory", *inside, [](const fs::path& p) {
                   return number_in(p / "memory.limit_in_bytes");
                 }));
  return least;
}

double memory_available() {
  std::ifstream in("/proc/meminfo");
  std::string name;
  for (double kib = 0; in >> name >> kib; in.ignore(64, '\n'))
    if (name == "MemAvailable:") return kib * 1024;
  return 1024.0 * 1024 * 1024;
}

}  // namespace

double cpu_quota_cores() {
  double least = std::numeric_limits<double>::infinity();
  if (const auto inside = group(""))
    least = std::min(
        least,
        least_up_to_root("/sys/fs/cgroup", *inside, [](const fs::path& p) -> std::optional<double> {
          const auto quota = number_in(p / "cpu.max"), period = number_in(p / "cpu.max", 1);
          return quota && period ? std::optional(*quota / *period) : std::nullopt;
        }));
  for (const char* mount : {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"})
    if (const auto inside = group("cpu"))
      least = std::min(
          least, least_up_to_root(mount, *inside, [](const fs::path& p) -> std::optional<double> {
            const auto quota = number_in(p / "cpu.cfs_quota_us"),
                       period = number_in(p / "cpu.cfs_period_us");
            return quota && period ? std::optional(*quota / *period) : std::nullopt;
          }));
  return least;
}

int available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    cores = std::min(cores, std::max(1, CPU_COUNT(&set)));
  if (const double quota = cpu_quota_cores(); std::isfinite(quota))
    cores = std::min(cores, std::max(1, static_cast<int>(std::ceil(quota))));
  return cores;
}

std::int64_t default_memory() {
  return static_cast<std::int64_t>(std::min(memory_available(), memory_limit()) / 4);
}

int cores_with_threads(int cores) {
  constexpr int for_a_core = 3, for_others = 8, most_tried = 64;
  const int wanted = std::min(cores * for_a_core + for_others, most_tried);
  const int found = threads_that_can_begin(wanted);
  if (found == wanted) return cores;
  if (found < for_others) fail(Fault::temporary, "{}", no_thread_left);
  const int affordable = std::clamp((found - for_others) / for_a_core, 1, cores);
  note_fewer_workers(affordable, cores);
  return affordable;
}

}  // namespace quadrant
