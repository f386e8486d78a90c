// SPDX-License-Identifier: MIT
// ThreadSanitizer does not see how libav, which Debian builds without it, hands memory from thread
// to thread: a buffer that its pool gives out again would look like a race with who had it before.
// These say it for one piece of memory, and order nothing else, so that what is shared beside it is
// still caught. oneTBB needs none: it is built with ThreadSanitizer (tools/onetbb_tsan). Nothing in
// other builds.
#pragma once

#if defined(__SANITIZE_THREAD__)
extern "C" void AnnotateHappensBefore(const char* file, int line, const volatile void* what);
extern "C" void AnnotateHappensAfter(const char* file, int line, const volatile void* what);
#endif

namespace quadrant {

// What this thread did so far is known to the thread that takes `what` over.
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
