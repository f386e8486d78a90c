// SPDX-License-Identifier: MIT
// A packet file: read packet by packet as by the writer of an output, and taken as the unit of an
// earlier run. Read as it is, and again with its sum made right, so that its texts are reached.
#include "pipeline/media/packet_file.h"
#include "pipeline/media/versions.h"
#include "pipeline/store/unit_store.h"
#include "tests/fuzz/harness.h"

namespace {

using namespace quadrant;

void read_packets(const std::string& bytes) {
  const std::string directory = "/tmp/quadrant-fuzz-" + std::to_string(getpid());
  const UnitStore store = UnitStore::shared(directory, {"configuration", "input", "versions"});
  const Unit unit{.id = "0123456789abcdef"};
  store.create();
  const std::string name = "/" + fs::path(store.path(unit)).filename().string();
  const fuzz::TemporaryFile file(name, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                 bytes.size());
  store.find(unit, false);
  try {
    PacketReader reader(file.path());
    while (reader.read()) {
    }
  } catch (const Error&) {
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t digits = 32;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  read_packets(bytes);
  if (size > digits)
    read_packets(bytes.substr(0, size - digits) + md5_hex(bytes.substr(0, size - digits)));
  return 0;
}
