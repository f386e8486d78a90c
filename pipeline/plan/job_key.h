// SPDX-License-Identifier: MIT
// What an output, and each unit of it, depends on: two that have the same key are the same bytes
// (law 1). Plain values; who makes them of files and configurations is store/identity.h.
#pragma once

#include <string>

namespace quadrant {

struct JobKey {
  std::string configuration;  // hash of the job's canonical text
  std::string input;     // hash of the input's name and identity; empty: it has none (a pipe), so
                         // nothing made of it is ever up to date
  std::string versions;  // hash of Quadrant's and the libraries' versions

  bool known() const { return !input.empty(); }
  std::string text() const;  // all of it as one hash
  // "the configuration changed", or of what else `other` differs; "" where they are the same.
  std::string difference(const JobKey& other) const;
};

}  // namespace quadrant
