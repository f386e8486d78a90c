// SPDX-License-Identifier: MIT
// The one list of errno values that may pass, so that a retry of the same command may work.
#pragma once

#include <cerrno>

#include "pipeline/error.h"

namespace quadrant {

// `cause`: an errno. Full, failing, read-only or unreachable storage, lack of memory or
// descriptors, and broken connections are temporary; wrong names and missing permissions are not.
inline Fault fault_of(int cause) {
  switch (cause) {
    case ENOSPC:
    case EDQUOT:
    case EROFS:
    case EIO:
    case ESTALE:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EPIPE:
    case ETIMEDOUT: return Fault::temporary;
    default: return Fault::input;
  }
}

}  // namespace quadrant
