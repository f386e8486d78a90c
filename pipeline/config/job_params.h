// SPDX-License-Identifier: MIT
// Parameters of the job's sections. They are like a stage's, but their members may be anywhere in a
// JobSpec, and some values are stored as others: `copy` as true, `all` as 0, `auto` as nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "pipeline/config/section.h"

namespace quadrant {

// The path from a job to one of its members, const or not: at(&JobSpec::run, &RunSpec::cores).
template <class... Members>
auto at(Members... members) {
  return [=](auto& job) -> auto& { return (job.*....*members); };
}

// A value that may also, or only, be one of `words`. `get` and `set` translate the words.
template <class Get, class Set>
Param worded_param(std::string_view name, Param::Type type, std::vector<std::string> words, Get get,
                   Set set, std::string_view help) {
  Param p;
  p.name = name;
  p.help = help;
  p.type = type;
  p.choices = std::move(words);
  p.get = [get](const Configurable& c) -> Value { return get(static_cast<const JobBox&>(c).job); };
  p.set = [set](Configurable& c, const Value& v) { set(static_cast<JobBox&>(c).job, v); };
  return p;
}

// `at` leads from the job to the member.
template <class At>
Param text_param(std::string_view name, At at, std::string_view help) {
  return worded_param(
      name, Param::Type::text, {}, [at](const JobSpec& job) { return Value(at(job)); },
      [at](JobSpec& job, const Value& v) { at(job) = std::get<std::string>(v); }, help);
}

// A bool, written as `copy` or `none`.
template <class At>
Param copied_param(std::string_view name, At at, std::string_view help) {
  return worded_param(
      name, Param::Type::text, {"copy", "none"},
      [at](const JobSpec& job) { return Value(std::string(at(job) ? "copy" : "none")); },
      [at](JobSpec& job, const Value& v) { at(job) = std::get<std::string>(v) == "copy"; }, help);
}

// One of an enumeration's values, by its name_of().
template <class All, class At>
Param choice_param(std::string_view name, const All& all, At at, std::string_view help) {
  Param p = worded_param(
      name, Param::Type::text, {},
      [at](const JobSpec& job) { return Value(std::string(name_of(at(job)))); },
      [all, at](JobSpec& job, const Value& v) {
        at(job) = *std::ranges::find(all, std::get<std::string>(v),
                                     [](auto each) { return name_of(each); });
      },
      help);
  for (const auto each : all) p.choices.emplace_back(name_of(each));
  return p;
}

// A count of at least 1, with a word for 0, "not given".
template <class At>
Param counted_param(std::string_view name, std::string word, At at, std::string_view help) {
  Param p = worded_param(
      name, Param::Type::integer, {word},
      [at, word](const JobSpec& job) {
        return at(job) > 0 ? Value(std::int64_t{at(job)}) : Value(word);
      },
      [at](JobSpec& job, const Value& v) {
        const std::int64_t* count = std::get_if<std::int64_t>(&v);
        at(job) = static_cast<std::remove_reference_t<decltype(at(job))>>(count ? *count : 0);
      },
      help);
  p.min = 1;
  return p;
}

}  // namespace quadrant
