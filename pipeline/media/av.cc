// SPDX-License-Identifier: MIT
#include "pipeline/media/av.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "pipeline/begin_thread.h"
#include "pipeline/fault_of.h"

namespace quadrant::av {

std::string error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

bool is_memory_left() {
  constexpr std::size_t a_little = 32 << 20;
  const std::unique_ptr<void, void (*)(void*)> some(std::malloc(a_little), std::free);
  return some != nullptr;
}

namespace {

bool names_memory(const std::string& reason) {
  return std::ranges::any_of(std::array{"alloc", "memory", "thread"}, [&](const char* word) {
    return reason.find(word) != std::string::npos;
  });
}

}  // namespace

Fault fault_of_library(int code, const std::string& reason) {
  if (code != AVERROR_EXTERNAL && code != AVERROR_UNKNOWN) return fault_of(code);
  const bool is_lack =
      reason.empty() || names_memory(reason) || !is_memory_left() || threads_that_can_begin(1) == 0;
  return is_lack ? Fault::temporary : Fault::input;
}

Fault fault_of(int code) { return quadrant::fault_of(AVUNERROR(code)); }

}  // namespace quadrant::av
