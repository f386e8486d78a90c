// SPDX-License-Identifier: MIT
// A packet file: read packet by packet as by the writer of an output, and checked as a whole.
#include "pipeline/media/packet_file.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quadrant;
  const fuzz::TemporaryFile file(".packets", data, size);
  check_packet_file(file.path());
  try {
    PacketReader reader(file.path());
    while (reader.read()) {
    }
  } catch (const Error&) {
  }
  return 0;
}
