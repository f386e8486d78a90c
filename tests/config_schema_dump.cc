// SPDX-License-Identifier: MIT
// Prints the JSON schema for the tests' own stages, so that config_schema_test.py does not depend
// on which stages there are. `quadrant schema` prints the real one.
#include <cstdio>

#include "pipeline/config/job_spec.h"
#include "tests/config_fakes.h"

int main() { std::fputs(quadrant::json_schema(quadrant::fakes::catalogue()).c_str(), stdout); }
