// SPDX-License-Identifier: MIT
// The journal beside outputs: damage is told, never guessed at.
#include "pipeline/store/journal.h"

#include <filesystem>

#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quadrant;
  const std::string directory = "/tmp/quadrant-fuzz-" + std::to_string(getpid());
  std::filesystem::create_directory(directory);
  const fuzz::TemporaryFile file("/.quadrant.jsonl", data, size);
  try {
    Journals journals;
    journals.all(directory);
    journals.last(directory + "/a.mp4");
    journals.configuration(directory + "/a.mp4", "x");
    journals.diagnostics();
  } catch (const Error&) {
  }
  std::filesystem::remove_all(directory);
  return 0;
}
