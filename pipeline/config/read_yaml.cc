// SPDX-License-Identifier: MIT
#include "pipeline/config/read_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "pipeline/config/scalars.h"
#include "pipeline/config/utf8.h"

namespace quadrant {
namespace {

using Kind = YamlNode::Kind;

constexpr int most_nodes = 10'000, deepest = 64;  // a job of 500 stages has some 3,000

struct Extent {
  int nodes, depth;
};

Extent extent_of(const YamlNode& node) {
  Extent all{1, 1};
  const auto add = [&all](const YamlNode& child) {
    const Extent extent = extent_of(child);
    all = {all.nodes + extent.nodes, std::max(all.depth, extent.depth + 1)};
  };
  for (const YamlNode& item : node.items) add(item);
  for (const YamlEntry& entry : node.entries) add(entry.value);
  return all;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const Source> source, int first_column)
      : source_(std::move(source)), first_column_(first_column) {}

  YamlNode take_root() { return std::move(root_); }
  // The parser's marks count from 0, relative to where it started; -1 is its "nowhere".
  SourceLocation location_of(const YAML::Mark& mark) const {
    const int line = std::max(mark.line, 0), column = std::max(mark.column, 0);
    return {source_, line + 1, column + 1 + (line == 0 ? first_column_ : 0)};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0)
      location_of(mark).fail("a second document begins here; only one is allowed");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    complete({.location = location_of(mark)}, anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const SourceLocation location = location_of(mark);
    refuse_tag(location, tag);
    if (text.find('\0') != std::string::npos) location.fail("text must not hold a NUL character");
    complete({.kind = Kind::scalar, .location = location, .text = text, .is_bare = tag != "!"},
             anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Kind::list, mark, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Kind::map, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }
  // An alias is a copy. Only complete nodes can be copied, so none can contain itself.
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const SourceLocation location = location_of(mark);
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) location.fail("an alias must not refer to what it is part of");
    const Extent extent = extent_of(found->second);
    count(location, {extent.nodes - 1, extent.depth - 1});
    complete(found->second, YAML::NullAnchor);
  }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor;
    std::optional<YamlEntry> entry;  // a map's key without its value yet
  };

  void open(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    const SourceLocation location = location_of(mark);
    refuse_tag(location, tag);
    count(location, {0, 1});
    open_.push_back({{.kind = kind, .location = location}, anchor, {}});
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    complete(std::move(done.node), done.anchor);
  }
  void complete(YamlNode node, YAML::anchor_t anchor) {
    count(node.location, {1, 0});
    if (anchor != YAML::NullAnchor) anchored_[anchor] = node;
    if (open_.empty())
      root_ = std::move(node);
    else if (open_.back().node.is_list())
      open_.back().node.items.push_back(std::move(node));
    else
      add_to_map(open_.back(), std::move(node));
  }

  static void add_to_map(Open& map, YamlNode node) {
    if (map.entry) {
      if (node.is_null())
        node.location = map.entry->location;  // the parser's location is that of the next key
      map.entry->value = std::move(node);
      map.node.entries.push_back(std::move(*map.entry));
      map.entry.reset();
      return;
    }
    if (!node.is_scalar()) node.location.fail("a key must be text, not " + described(node));
    if (const YamlEntry* first = map.node.find(node.text))
      node.location.fail(fmt::format("key '{}' is given twice, first on line {}",
                                     shortened(node.text), first->location.line));
    map.entry = YamlEntry{std::move(node.text), std::move(node.location), {}};
  }

  void count(const SourceLocation& location, Extent more) {
    nodes_ += more.nodes;
    if (nodes_ > most_nodes)
      location.fail(fmt::format("a configuration must not hold more than {} values", most_nodes));
    if (static_cast<int>(open_.size()) + more.depth > deepest)
      location.fail(fmt::format("lists and maps must not be nested deeper than {}", deepest));
  }

  // The parser uses "?" and "" for a bare value, "!" for a quoted one.
  static void refuse_tag(const SourceLocation& location, const std::string& tag) {
    if (tag != "?" && tag != "!" && !tag.empty())
      location.fail(fmt::format("tags such as '{}' are not supported", shortened(tag)));
  }

  std::shared_ptr<const Source> source_;
  int first_column_;
  int documents_ = 0, nodes_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchored_;
  YamlNode root_;
};

// An error at the end of the text is best shown after the last thing in it.
SourceLocation end_of_text(SourceLocation location) {
  const auto is_blank = [&location](int line) {
    return location.source->line(line).find_first_not_of(" \t") == std::string_view::npos;
  };
  if (!is_blank(location.line)) return location;
  while (location.line > 1 && is_blank(location.line)) --location.line;
  location.column = static_cast<int>(location.source->line(location.line).size()) + 1;
  return location;
}

// The parser says what it found; these are the mistakes that usually cause it. Newer versions of
// yaml-cpp name the anchor, which the location already shows.
std::string without_name(const std::string& message) {
  constexpr std::string_view unknown_anchor = "the referenced anchor is not defined";
  return message.starts_with(unknown_anchor) ? std::string(unknown_anchor) : message;
}

std::string likely_cause(const std::string& message, const SourceLocation& location) {
  const std::string_view line = location.source->line(location.line);
  const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
  const std::size_t at = static_cast<std::size_t>(location.column - 1);
  if (message.find("EOF in scalar") != std::string::npos) return ": a quote is not closed";
  if (indentation.find('\t') != std::string_view::npos) return ": a tab cannot be used to indent";
  if ((at < line.size() && line[at] == '*') || (at > 0 && at <= line.size() && line[at - 1] == '*'))
    return ": text that begins with '*' needs quotes";
  if (at > 0 && at <= line.size() && line[at - 1] == '}')
    return ": text that begins with '{' needs quotes";
  return "";
}

}  // namespace

YamlEntry* YamlNode::find(std::string_view key) {
  const auto found = std::ranges::find(entries, key, &YamlEntry::key);
  return found == entries.end() ? nullptr : &*found;
}

YamlNode read_yaml(const std::shared_ptr<const Source>& source, std::size_t begin) {
  TreeBuilder builder(source, static_cast<int>(begin));
  try {
    // The comment keeps the text from ending with a newline: otherwise an unclosed quote would be
    // accepted.
    std::istringstream text(source->text().substr(std::min(begin, source->text().size())) + "\n#");
    YAML::Parser parser(text);
    while (parser.HandleNextDocument(builder)) continue;
  } catch (const YAML::Exception& e) {
    const SourceLocation location = end_of_text(builder.location_of(e.mark));
    location.fail("not valid YAML: " + without_name(e.msg) + likely_cause(e.msg, location));
  }
  return builder.take_root();
}

std::string described(const YamlNode& node) {
  if (node.is_list()) return "a list";
  if (node.is_map()) return "a map";
  if (node.is_null()) return "nothing";
  return node.is_bare && is_number(node.text) ? shortened(node.text)
                                              : "'" + shortened(node.text) + "'";
}

}  // namespace quadrant
