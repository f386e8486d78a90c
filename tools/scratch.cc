// SPDX-License-Identifier: MIT
#include "tools/scratch.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>

#include "pipeline/error.h"

namespace quadrant {

namespace fs = std::filesystem;

Scratch::Scratch(const std::string& name) {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  if (error) fail(Fault::temporary, "{}: {}; set TMPDIR", parent.string(), error.message());
  std::string made = (parent / ("quadrant-" + name + "-XXXXXX")).string();
  if (mkdtemp(made.data()) == nullptr)
    fail(Fault::temporary, "{}: cannot be made: {}; set TMPDIR", made, std::strerror(errno));
  path_ = made;
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace quadrant
