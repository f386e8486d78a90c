// SPDX-License-Identifier: MIT
// A line of a plan file; what is read is written as it was.
#include "pipeline/job/run_directory.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quadrant;
  try {
    const PlannedUnit unit = unit_of_line(std::string(reinterpret_cast<const char*>(data), size));
    unit.range();
    to_line(unit);
  } catch (const Error& error) {
    if (error.fault() != Fault::usage) std::abort();
  }
  return 0;
}
