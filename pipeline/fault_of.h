// SPDX-License-Identifier: MIT
// Which causes may pass, so that the same command is worth another try: one list for all.
#pragma once

#include <cerrno>

#include "pipeline/error.h"

namespace quadrant {

// `cause`: an errno. Full, failing, read-only or unreachable storage, no memory, no descriptors,
// and broken connections are temporary; what is wrong with a name or a right to it is not.
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
