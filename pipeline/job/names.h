// SPDX-License-Identifier: MIT
// Finds the inputs and names their outputs.
#pragma once

#include <string>
#include <vector>

#include "pipeline/input_spec.h"

namespace quadrant {

// Expands files, globs (`*`, `?`, `[…]`, and `**` for any depth), URLs, "-", "lavfi:…" and image
// sequences (frames/%05d.png), in the given order; a glob's matches are sorted. The name of an
// existing file is taken literally, whatever characters it holds. A glob without matches stays as
// written and fails when it is opened, like any missing file.
// A sequence stays as written: its glob names the pictures of one input. The globs among the parts
// of a joined input become parts, in the natural order of their numbers.
// A directory below a glob that cannot be read is an input, too, and fails like one.
// What `job` (its configuration's file) made itself, by the journals, is no match of a glob, so
// that a second run does not process the outputs of the first.
struct ExpandedInputs {
  std::vector<InputSpec> inputs;
  std::vector<std::string> own_outputs;
};
ExpandedInputs expand_inputs(const std::vector<InputSpec>& patterns, const std::string& job);

// Fills in {dir} {stem} {ext} {name} {index} of `pattern` for an input. {dir} is "." for an input
// without a directory; {index} counts from 1; {{ is a literal brace. Throws Error(usage) for an
// unknown or unclosed brace, or if the result is a URL.
std::string output_name(const std::string& pattern, const std::string& input, int index);

// The pattern without its directory, so that another directory can be put in front.
std::string pattern_of_file(const std::string& pattern);

}  // namespace quadrant
