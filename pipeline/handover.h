// SPDX-License-Identifier: MIT
// ThreadSanitizer does not see how oneTBB and libav, which Debian builds without it, hand work and
// memory from thread to thread: every task would look like a race with whoever made it. These say
// it at our own hand-overs, and only there, so that what is shared beside them is still caught.
// Nothing in other builds.
#pragma once

#if defined(__SANITIZE_THREAD__)
extern "C" void AnnotateHappensBefore(const char* file, int line, const volatile void* what);
extern "C" void AnnotateHappensAfter(const char* file, int line, const volatile void* what);
#endif

namespace quadrant {

// What this thread did so far is known to the thread that takes `what` over.
inline void hand_over([[maybe_unused]] const void* what) {
#if defined(__SANITIZE_THREAD__)
  AnnotateHappensBefore(__FILE__, __LINE__, what);
#endif
}

inline void take_over([[maybe_unused]] const void* what) {
#if defined(__SANITIZE_THREAD__)
  AnnotateHappensAfter(__FILE__, __LINE__, what);
#endif
}

// Takes `what` over, and hands it over again at the end of the scope.
class Holding {
 public:
  explicit Holding(const void* what) : what_(what) { take_over(what_); }
  ~Holding() { hand_over(what_); }
  Holding(const Holding&) = delete;
  Holding& operator=(const Holding&) = delete;

 private:
  const void* what_;
};

}  // namespace quadrant
