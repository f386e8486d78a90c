// SPDX-License-Identifier: MIT
// Where a value was written, so that a message can show it: the file's line and a caret. Kept with
// the values, because some faults (an encoder's unknown option, a size a stage cannot do) are found
// only while planning.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/error.h"

namespace quadrant {

class Source;

struct SourceLocation {
  std::shared_ptr<const Source> source;  // null: nowhere (a default)
  int line = 0, column = 0;  // counted from 1; columns in bytes here, in characters in a message

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

// Text of a configuration, made ready to be read: no byte order mark, lines that end in LF. Throws
// Error(usage) if it is too large, not UTF-8, or holds control characters, which a terminal or the
// YAML reader would take for something else.
std::shared_ptr<const Source> make_source(const std::string& name, std::string text);

}  // namespace quadrant
