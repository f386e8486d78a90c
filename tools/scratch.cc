// SPDX-License-Identifier: MIT
#include "tools/scratch.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>

#include "pipeline/error.h"

namespace quadrant {

namespace fs = std::filesystem;

Scratch::Scratch(const std::string& name) {
  std::string made = (fs::temp_directory_path() / ("quadrant-" + name + "-XXXXXX")).string();
  if (mkdtemp(made.data()) == nullptr)
    fail(Fault::temporary, "{}: cannot be made: {}; set TMPDIR", made, std::strerror(errno));
  path_ = made;
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace quadrant
