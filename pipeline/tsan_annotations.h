// SPDX-License-Identifier: MIT
// ThreadSanitizer cannot see how libav, which Debian builds without it, hands memory from thread to
// thread: a buffer that libav's pool reuses would look like a race with its former user. These
// annotations order accesses to one piece of memory and nothing else, so that races on other memory
// are still caught. oneTBB needs none: it is built with ThreadSanitizer (tools/onetbb_tsan). No
// effect in other builds.
#pragma once

#if defined(__SANITIZE_THREAD__)
extern "C" void AnnotateHappensBefore(const char* file, int line, const volatile void* what);
extern "C" void AnnotateHappensAfter(const char* file, int line, const volatile void* what);
#endif

namespace quadrant {

// Publishes what this thread did so far to the thread that takes `what` over.
inline void happens_before([[maybe_unused]] const void* what) {
#if defined(__SANITIZE_THREAD__)
  AnnotateHappensBefore(__FILE__, __LINE__, what);
#endif
}

inline void happens_after([[maybe_unused]] const void* what) {
#if defined(__SANITIZE_THREAD__)
  AnnotateHappensAfter(__FILE__, __LINE__, what);
#endif
}

}  // namespace quadrant
