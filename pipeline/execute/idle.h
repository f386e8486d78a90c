// SPDX-License-Identifier: MIT
// Objects that one worker at a time uses, kept between calls: there are as many as calls overlap.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace quadrant {

template <class T>
class Idle {
 public:
  // Returns an unused one, or a new one from `make`. A failed call does not give its object back.
  template <class Make>
  std::unique_ptr<T> take(Make make) {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto one = std::move(idle_.back());
        idle_.pop_back();
        return one;
      }
    }
    return make();
  }
  void give_back(std::unique_ptr<T> one) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(one));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> idle_;
};

}  // namespace quadrant
