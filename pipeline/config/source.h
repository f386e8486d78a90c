// SPDX-License-Identifier: MIT
// Where a value was written, so that a message can show the file's line and a caret. Kept with the
// values, because some errors (an encoder's unknown option, a size that a stage cannot handle) are
// found only in planning.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/error.h"

namespace quadrant {

class Source;

struct SourceLocation {
  std::shared_ptr<const Source> source;  // null: no location (a default)
  int line = 0, column = 0;              // from 1; columns in bytes here, in characters in messages

  // "job.yaml:12:9: MESSAGE" or "--mode: MESSAGE", then the line and a caret; only MESSAGE where
  // there is no source.
  std::string message(std::string_view text) const;
  [[noreturn]] void fail(std::string_view text, Fault fault = Fault::usage) const;
};

// A configuration's text: a file's, or an option's value; then its name is the option, e.g. --set.
class Source {
 public:
  Source(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {}
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  bool is_option() const { return name_.starts_with("--"); }
  std::string_view line(int number) const;  // without its end; empty where there is none

 private:
  std::string name_, text_;
};

// Prepares a configuration's text for reading: removes a byte order mark, ends lines with LF.
// Throws Error(usage) if it is too large, not UTF-8, or holds control characters, which a terminal
// or the YAML parser would interpret.
std::shared_ptr<const Source> make_source(const std::string& name, std::string text);

}  // namespace quadrant
