// SPDX-License-Identifier: MIT
// YAML text as a tree of our own, with the location of everything. Built from the parser's events
// and not from its node graph, because a graph hides errors in a configuration: it keeps the first
// of two equal keys, and an alias can make it endless. This tree is bounded while it grows, so
// later code never sees a hostile shape.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config/source.h"

namespace quadrant {

struct YamlEntry;

struct YamlNode {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  SourceLocation location = {};
  std::string text = {};  // a scalar's
  bool is_bare = false;   // a scalar without quotes: may be a number or a boolean
  std::vector<YamlNode> items = {};
  std::vector<YamlEntry> entries;  // in the order of the file, keys unique

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  YamlEntry* find(std::string_view key);
};

struct YamlEntry {
  std::string key;
  SourceLocation location;  // the key's
  YamlNode value;
};

// Reads the only document in `source`, starting at byte `begin`. Throws Error(usage) with a
// location if it is not YAML, or larger, deeper or stranger than a configuration needs to be.
// Without a document: a null node.
YamlNode read_yaml(const std::shared_ptr<const Source>& source, std::size_t begin = 0);

// For messages: "a list", "a map", "3" or "'text'".
std::string described(const YamlNode& node);

}  // namespace quadrant
