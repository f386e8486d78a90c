// SPDX-License-Identifier: MIT
// --cores N keeps a run on N CPUs, and several runs do not all sit on the same ones.
#include <gtest/gtest.h>
#include <sched.h>

#include <set>

#include "pipeline/execute/budget.h"

namespace quadrant {
namespace {

std::set<int> allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::set<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) cpus.insert(cpu);
  return cpus;
}

void allow(const std::set<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int cpu : cpus) CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

TEST(Affinity, IsOfExactlyThatManyCpus) {
  const std::set<int> all = allowed();
  for (int cores = 1; cores <= static_cast<int>(all.size()); ++cores) {
    const Affinity affinity(cores);
    EXPECT_EQ(allowed().size(), static_cast<std::size_t>(cores));
  }
  EXPECT_EQ(allowed(), all) << "what was there before comes back";
}

TEST(Affinity, BeginsAtTheCpuTheProcessIsOn) {
  const std::set<int> all = allowed();
  for (int cpu : all) {
    bool stayed = false;
    for (int i = 0; i < 100 && !stayed; ++i) {  // the kernel may move us in between
      allow({cpu});
      allow(all);
      const Affinity affinity(1);
      stayed = allowed() == std::set<int>{cpu};
    }
    EXPECT_TRUE(stayed) << "never on CPU " << cpu;
  }
}

}  // namespace
}  // namespace quadrant
