// SPDX-License-Identifier: MIT
#include "tools/signals.h"

#include <csignal>

#include "pipeline/error.h"
#include "tools/command.h"

namespace quadrant {
namespace {

StopFlag* stop_flag = nullptr;
volatile std::sig_atomic_t stop_signal = 0;

void on_signal(int number) {
  stop_signal = number;
  stop_flag->raise();
}

}  // namespace

void listen(StopFlag& stop) {
  stop_flag = &stop;
  struct sigaction action {};
  action.sa_handler = on_signal;  // without SA_RESTART: a waiting system call returns
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaction(number, &action, nullptr);
}

bool stop_asked() { return stop_signal != 0; }

int stopped_code() {
  if (stop_signal == SIGUSR1) return temporary;
  return stop_signal == SIGINT ? interrupted : terminated;
}

int unless_stopped(const std::function<int()>& command) {
  try {
    return command();
  } catch (const Error& error) {
    if (error.fault() != Fault::stopped || !stop_asked()) throw;
    return stopped_code();
  }
}

}  // namespace quadrant
