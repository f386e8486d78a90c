// SPDX-License-Identifier: MIT
#include "tools/stop_signal.h"

#include <signal.h>

#include "tools/command.h"

namespace quadrant {
namespace {

StopFlag* stop_flag = nullptr;
volatile sig_atomic_t stop_signal = 0;

void on_signal(int number) {
  stop_signal = number;
  stop_flag->raise();
}

}  // namespace

void listen_for_stop(StopFlag& stop) {
  stop_flag = &stop;
  struct sigaction action {};
  action.sa_handler = on_signal;  // without SA_RESTART: a waiting system call returns
  for (int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
}

bool stop_asked() { return stop_signal != 0; }
int stopped_code() { return stop_signal == SIGINT ? interrupted : terminated; }

}  // namespace quadrant
