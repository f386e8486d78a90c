// SPDX-License-Identifier: MIT
#include "pipeline/media/av.h"

#include <array>

#include "pipeline/fault_of.h"

namespace quadrant::av {

std::string error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

Fault fault_of(int code) { return quadrant::fault_of(AVUNERROR(code)); }

}  // namespace quadrant::av
