// SPDX-License-Identifier: MIT
// An output that goes to standard output as it grows, for another program to read: `-o -`. Nothing
// of it can be taken back, so it has no name, no lock and no journal, is not read back, and is not
// tried again.
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/media/output_plan.h"
#include "pipeline/media/stop.h"

struct AVIOContext;

namespace quadrant {

inline constexpr const char* standard_output = "-";  // as the path of an output
inline bool is_standard_output(const std::string& path) { return path == standard_output; }

// Throws Error(usage) if the container's muxer must go back in what it wrote, as that of MP4 does
// unless its options ask for fragments.
void check_streamable(const std::string& container, const Options& options);

// Never seeks, even if it is a file. Waits for a slow reader until `stop` is raised.
class StandardOutput {
 public:
  explicit StandardOutput(const StopFlag& stop);
  ~StandardOutput();
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;

  AVIOContext* context() const { return context_; }

 private:
  int write(const std::uint8_t* bytes, int size);

  const StopFlag& stop_;
  AVIOContext* context_ = nullptr;
};

}  // namespace quadrant
