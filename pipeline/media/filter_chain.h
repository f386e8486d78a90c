// SPDX-License-Identifier: MIT
// What the text of a libavfilter chain says about its filters. The text alone: making the filters
// may open files for writing.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace quadrant {

struct FilterText {
  std::string name;
  // Name and value, without quotes and escapes; also of options that are given without a name.
  std::vector<std::pair<std::string, std::string>> options;
};

std::vector<FilterText> filters_in(const std::string& chain);

// Existing files named in the options: look-up tables, subtitles, fonts. The result of the chain
// depends on them too. Files that a filter writes are left out.
std::vector<std::string> files_named_in(const std::string& chain);

// Does the chain of an input read files, by a filter that opens them (movie, amovie) or by a name?
bool opens_files(const std::string& chain);

// The chain for planning: what its filters would write goes nowhere.
std::string without_written_files(const std::string& chain);

// Parts of the chain that give other pictures in each run, and why: "random without a seed".
std::vector<std::string> unrepeatable_in(const std::string& chain);

// Names of the chain's filters that may move a picture's times, or end it earlier.
std::vector<std::string> filters_that_move_time(const std::string& chain);

}  // namespace quadrant
