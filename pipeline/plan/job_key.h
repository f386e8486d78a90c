// SPDX-License-Identifier: MIT
// What an output, and each of its units, depends on: equal keys mean equal bytes (law 1). Plain
// values; store/identity.h computes them from files and configurations.
#pragma once

#include <string>

namespace quadrant {

struct JobKey {
  std::string configuration;  // hash of the job's canonical text
  std::string input;  // hash of the input's name and identity; empty: it has none (a pipe), so its
                      // output is never up to date
  std::string versions;  // hash of Quadrant's and the libraries' versions

  bool known() const { return !input.empty(); }
  std::string text() const;  // one hash of all three
  // "the configuration changed", or what else differs from `other`; "" if they are equal.
  std::string difference(const JobKey& other) const;
};

}  // namespace quadrant
