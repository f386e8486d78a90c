// SPDX-License-Identifier: MIT
#include "pipeline/media/manifest.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace quadrant {
namespace {

constexpr std::size_t most_names = 100'000, longest_name = 4096;
constexpr std::ptrdiff_t most_templates = 1000;

struct Unclear {
  std::string what;
};

std::string lower(std::string_view text) {
  std::string all(text);
  std::ranges::transform(all, all.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return all;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) + 1 - begin);
}

// libav asks for elements in any case, and for attributes in any namespace.
std::string local_name(std::string_view name) {
  return lower(name.substr(name.find(':') == std::string_view::npos ? 0 : name.find(':') + 1));
}

std::string decoded(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> entities = {
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
  std::string all;
  while (!text.empty()) {
    const auto* entity =
        std::ranges::find_if(entities, [&](const auto& e) { return text.starts_with(e.first); });
    if (entity == entities.end() && text.front() == '&') throw Unclear{"an entity"};
    all += entity == entities.end() ? text.front() : entity->second;
    text.remove_prefix(entity == entities.end() ? 1 : entity->first.size());
  }
  return all;
}

std::string without_comments(std::string_view xml) {
  std::string all;
  for (;;) {
    const std::size_t begin = std::min(xml.find("<!"), xml.find("<?"));
    all += xml.substr(0, begin);
    if (begin == std::string_view::npos) return all;
    const bool comment = xml.substr(begin).starts_with("<!--");
    if (xml[begin + 1] == '!' && !comment) throw Unclear{"a declaration"};
    const std::string_view close = comment ? "-->" : "?>";
    const std::size_t end = xml.find(close, begin + (comment ? 4 : 2));
    if (end == std::string_view::npos) throw Unclear{"a comment without an end"};
    const std::string inside = lower(xml.substr(begin, end - begin));
    if (!comment && inside.find("encoding") != std::string::npos &&
        inside.find("utf-8") == std::string::npos)
      throw Unclear{"an encoding other than UTF-8"};
    xml.remove_prefix(end + close.size());
  }
}

class Reader {
 public:
  std::vector<std::string> names, ids, bandwidths;

  void read(std::string_view xml) {
    while (xml.find('<') != std::string_view::npos) {
      xml.remove_prefix(xml.find('<') + 1);
      const std::string_view tag = xml.substr(0, end_of_tag(xml));
      xml.remove_prefix(tag.size());
      const std::string element = local_name(tag.substr(0, tag.find_first_of(" \t\r\n/")));
      read_attributes(tag, element);
      if (element != "baseurl" || tag.ends_with('/')) continue;
      const std::string_view text = xml.substr(0, xml.find('<'));
      xml.remove_prefix(text.size());
      if (!xml.starts_with("</")) throw Unclear{"a BaseURL that holds more than text"};
      take_name(text.substr(1));
    }
  }

 private:
  static std::size_t end_of_tag(std::string_view xml) {
    char quote = 0;
    for (std::size_t i = 0; i < xml.size(); ++i) {
      if (quote == 0 && xml[i] == '>') return i;
      if (quote == 0 && (xml[i] == '"' || xml[i] == '\''))
        quote = xml[i];
      else if (xml[i] == quote)
        quote = 0;
    }
    throw Unclear{"a tag without an end"};
  }

  void read_attributes(std::string_view tag, const std::string& element) {
    for (std::size_t at = tag.find('='); at != std::string_view::npos; at = tag.find('=')) {
      const std::string_view before = trimmed(tag.substr(0, at));
      const std::size_t space = before.find_last_of(" \t\r\n");
      const std::string name =
          local_name(before.substr(space == std::string_view::npos ? 0 : space + 1));
      tag = trimmed(tag.substr(at + 1));
      const std::size_t end = tag.empty() ? std::string_view::npos : tag.find(tag.front(), 1);
      if (end == std::string_view::npos) throw Unclear{"an attribute without quotes"};
      take(element, name, tag.substr(1, end - 1));
      tag.remove_prefix(end + 1);
    }
  }

  void take_name(std::string_view text) {
    if (text.size() > longest_name || names.size() > most_names)
      throw Unclear{"too many names, or too long ones"};
    std::string name = decoded(text);
    std::ranges::replace_if(
        name, [](char c) { return c == '\t' || c == '\r' || c == '\n'; }, ' ');
    names.emplace_back(trimmed(name));  // not all versions of libav trim it
    names.push_back(std::move(name));
  }

  void take(const std::string& element, const std::string& name, std::string_view value) {
    if (name == "media" || name == "initialization" || name == "sourceurl")
      take_name(value);
    else if (element == "representation" && name == "id")
      ids.push_back(decoded(value));
    else if (element == "representation" && name == "bandwidth")
      bandwidths.push_back(decoded(value));
  }
};

// Each name with each value in place of `field`, which libav looks for in any case.
std::set<std::string> with_values(const std::set<std::string>& names, const std::string& field,
                                  const std::vector<std::string>& values) {
  std::set<std::string> all;
  for (const std::string& name : names) {
    all.insert(name);
    if (lower(name).find(field) == std::string::npos) continue;
    for (const std::string& value : values) {
      std::string filled = name;
      for (std::size_t at = 0; filled.size() <= longest_name &&
                               (at = lower(filled).find(field, at)) != std::string::npos;
           at += value.size())
        filled.replace(at, field.size(), value);
      all.insert(filled);
      if (all.size() > most_names || filled.size() > longest_name)
        throw Unclear{"too many names, or too long ones"};
    }
  }
  return all;
}

// $Number%05d$, $Time$ and what else is counted.
std::string with_stars(const std::string& name) {
  std::string all;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const std::size_t end = name[at] == '$' ? name.find('$', at + 1) : std::string::npos;
    if (end == std::string::npos)
      all += name[at];
    else
      all += end == at + 1 ? '$' : '*', at = end;
  }
  return all;
}

}  // namespace

ManifestNames names_in_manifest(std::string_view xml) {
  try {
    if (xml.find('\0') != std::string_view::npos) throw Unclear{"an encoding other than UTF-8"};
    Reader reader;
    reader.read(without_comments(xml));
    std::set<std::string> names(reader.names.begin(), reader.names.end());
    names = with_values(names, "$representationid$", reader.ids);
    names = with_values(names, "$bandwidth$", reader.bandwidths);
    ManifestNames found;
    for (const std::string& name : names)
      if (!name.empty()) found.names.push_back(with_stars(name));
    const auto has_star = [](const auto& name) { return name.find('*') != std::string::npos; };
    if (std::ranges::count_if(found.names, has_star) > most_templates)
      throw Unclear{"too many templates"};
    return found;
  } catch (const Unclear& unclear) {
    return {{}, unclear.what};
  }
}

}  // namespace quadrant
