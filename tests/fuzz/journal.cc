// SPDX-License-Identifier: MIT
// The journal beside outputs: damage is told, never guessed at. Read as it is, and again with the
// sum of each line made right, so that what stands in the lines is reached.
#include "pipeline/store/journal.h"

#include <sstream>

#include "pipeline/media/versions.h"
#include "tests/fuzz/harness.h"

namespace {

using namespace quadrant;

void read_journal(const std::string& text) {
  const std::string directory = "/tmp/quadrant-fuzz-" + std::to_string(getpid());
  fs::create_directory(directory);  // stays, for the next one
  const fuzz::TemporaryFile file("/.quadrant.jsonl",
                                 reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  try {
    Journals journals;
    journals.all(directory);
    journals.last(directory + "/a.mp4");
    journals.configuration(directory + "/a.mp4", "x");
    journals.diagnostics();
  } catch (const Error&) {
  }
}

std::string with_right_sums(const std::string& text) {
  constexpr std::string_view head = "{\"sum\":\"";
  constexpr std::size_t digits = 8, body = head.size() + digits + 2;
  std::istringstream lines(text);
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(head) && line.size() > body)
      line.replace(head.size(), digits, md5_hex("{" + line.substr(body)).substr(0, digits));
    all += line + "\n";
  }
  return all;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_journal(text);
  read_journal(with_right_sums(text));
  return 0;
}
