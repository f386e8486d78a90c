// SPDX-License-Identifier: MIT
#include "pipeline/media/av.h"

#include <array>
#include <cerrno>

namespace quadrant::av {

std::string error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

Fault fault_of(int code) {
  switch (AVUNERROR(code)) {
    case ENOSPC:
    case EDQUOT:
    case EIO:
    case ENOMEM:
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EPIPE:
    case ETIMEDOUT:
    case EMFILE:
    case ENFILE:
    case ESTALE: return Fault::temporary;
    default: return Fault::input;
  }
}

}  // namespace quadrant::av
