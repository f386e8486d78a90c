// SPDX-License-Identifier: MIT
// What is refused, and in which words: every block of golden/config_errors.txt is a configuration,
// perhaps some overrides, and the exact message. QUADRANT_RENEW_GOLDENS=1 writes the file anew, for
// the difference to be reviewed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "pipeline/config/job_spec.h"
#include "tests/config_fakes.h"

namespace quadrant {
namespace {

const std::string golden_path = QUADRANT_SOURCE_DIR "/tests/golden/config_errors.txt";

struct Case {
  std::string title, written, yaml, message;  // `written` is all that stands above "=>"
  std::vector<Override> overrides;
};

Override override_of(const std::string& line) {
  const std::string pair = line.substr(6);  // "--set "
  const std::size_t equals = pair.find('=');
  return {pair.substr(0, equals), pair.substr(equals + 1)};
}

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  std::ifstream file(golden_path);
  bool in_message = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("### ")) {
      cases.push_back(
          {.title = line.substr(4), .written = {}, .yaml = {}, .message = {}, .overrides = {}});
      in_message = false;
    } else if (in_message) {
      cases.back().message += line + "\n";
    } else if (line == "=>") {
      in_message = true;
    } else {
      cases.back().written += line + "\n";
      if (line.starts_with("--set "))
        cases.back().overrides.push_back(override_of(line));
      else
        cases.back().yaml += line + "\n";
    }
  }
  return cases;
}

std::string message_of(const Case& each) {
  try {
    read_job("job.yaml", each.yaml, fakes::catalogue(), each.overrides);
  } catch (const Error& e) {
    EXPECT_EQ(e.fault(), Fault::usage) << each.title;
    return std::string(e.what()) + "\n\n";
  }
  return "accepted\n\n";
}

TEST(ConfigErrors, AreSaidInTheseWords) {
  const std::vector<Case> cases = read_cases();
  ASSERT_GT(cases.size(), 100u);
  std::ostringstream renewed;
  for (const Case& each : cases) {
    const std::string message = message_of(each);
    renewed << "### " << each.title << "\n" << each.written << "=>\n" << message;
    if (!std::getenv("QUADRANT_RENEW_GOLDENS")) {
      EXPECT_EQ(message, each.message) << each.title << ":\n" << each.written;
      EXPECT_NE(message, "accepted\n\n") << each.title;
    }
  }
  if (std::getenv("QUADRANT_RENEW_GOLDENS")) std::ofstream(golden_path) << renewed.str();
}

}  // namespace
}  // namespace quadrant
