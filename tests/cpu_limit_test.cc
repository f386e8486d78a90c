// SPDX-License-Identifier: MIT
// --cores N keeps a process on N CPUs at once, all its threads, and not on CPUs where others
// compute while one elsewhere is idle.
#include "pipeline/execute/cpu_limit.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace quadrant {
namespace {

using namespace std::chrono_literals;

void allow(const std::set<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int cpu : cpus) CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

TEST(CpuLimit, IsOfExactlyThatManyCpus) {
  const std::set<int> all = allowed_cpus();
  for (int cores = 1; cores <= static_cast<int>(all.size()); ++cores) {
    const CpuLimit limit(cores);
    EXPECT_EQ(allowed_cpus().size(), static_cast<std::size_t>(cores));
  }
  EXPECT_EQ(allowed_cpus(), all) << "what was there before comes back";
}

TEST(CpuLimit, HoldsForThreadsThatWereThereBefore) {
  const std::set<int> all = allowed_cpus();
  std::atomic<int> phase{0};
  std::set<int> within, after;
  std::thread other([&] {
    while (phase < 1) std::this_thread::sleep_for(1ms);
    within = allowed_cpus();
    phase = 2;
    while (phase < 3) std::this_thread::sleep_for(1ms);
    after = allowed_cpus();
  });
  {
    const CpuLimit limit(1);
    phase = 1;
    while (phase < 2) std::this_thread::sleep_for(1ms);
  }
  phase = 3;
  other.join();
  EXPECT_EQ(within.size(), 1);
  EXPECT_EQ(after, all);
}

TEST(CpuLimit, BeginsAtTheCpuTheProcessIsOn) {
  const std::set<int> all = allowed_cpus();
  for (int cpu : all) {
    bool stayed = false;
    for (int i = 0; i < 100 && !stayed; ++i) {  // the kernel may move us in between
      allow({cpu});
      allow(all);
      const CpuLimit limit(1);
      stayed = allowed_cpus() == std::set<int>{cpu};
    }
    EXPECT_TRUE(stayed) << "never on CPU " << cpu;
  }
}

// A process that is not ours computes on the CPU that we are on; it is nobody's child here, for
// children count as ours.
pid_t stranger_on(int cpu) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  const pid_t between = fork();
  if (between == 0) {
    const pid_t stranger = fork();
    if (stranger == 0) {
      allow({cpu});
      alarm(20);
      for (std::atomic<unsigned> i{0};;) ++i;
    }
    [[maybe_unused]] const auto written = write(ends[1], &stranger, sizeof stranger);
    _exit(0);
  }
  pid_t stranger = -1;
  [[maybe_unused]] const auto got = read(ends[0], &stranger, sizeof stranger);
  waitpid(between, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  return stranger;
}

TEST(CpuLimit, LeavesACpuWhereOthersCompute) {
  if (allowed_cpus().size() < 2) GTEST_SKIP() << "one CPU: there is nowhere to go";
  const CpuLimit limit(1);
  const int first = *allowed_cpus().begin();
  const pid_t stranger = stranger_on(first);
  ASSERT_GT(stranger, 0);
  const auto end = std::chrono::steady_clock::now() + 12s;
  bool left = false;
  while (!left && std::chrono::steady_clock::now() < end) {
    left = allowed_cpus() != std::set<int>{first};
    std::this_thread::sleep_for(20ms);
  }
  kill(stranger, SIGKILL);
  if (!left) GTEST_SKIP() << "busy machine: no CPU was idle for 12 s";
}

}  // namespace
}  // namespace quadrant
