// SPDX-License-Identifier: MIT
// run.timeout inside one process: looks at all attempts and asks those that stand still to end. One
// that waits for storage or the network listens; one that is in a call of a codec or a filter does
// not, and no thread can be ended from outside. For that there is run.isolate.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "pipeline/batch/attempt.h"

namespace quadrant {

class Watchdog {
 public:
  explicit Watchdog(double timeout);  // seconds
  ~Watchdog();

  void watch(Attempt& attempt);   // until
  void forget(Attempt& attempt);  // the attempt may go from then on

 private:
  void look();

  double timeout_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<Attempt*, Patience> watched_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace quadrant
