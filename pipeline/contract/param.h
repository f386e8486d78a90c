// SPDX-License-Identifier: MIT
// A parameter is declared once: the default is the member's own initialiser; name, range, unit and
// help are next to it. The YAML checks, `quadrant stages NAME`, the manual and the JSON schema are
// all made from this declaration (after libvips' ARG and libavutil's AVOption, with one default).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace quadrant {

using Value = std::variant<bool, std::int64_t, double, std::string>;

// Anything with parameters: a stage or a section of the configuration.
struct Configurable {
  virtual ~Configurable() = default;
};

struct Param {
  enum class Type { boolean, integer, real, text };
  // A map and a list are texts of JSON to their owner: {"amount":0.6} and ["cat","-u"].
  enum class Form { scalar, map, list_of_texts };

  std::string_view name, help;
  Type type = Type::text;
  Form form = Form::scalar;
  std::string_view unit_name;        // "samples", "frames", "ms"; empty: a plain number
  std::optional<double> min, max;    // inclusive
  std::int64_t step = 1;             // of an integer: allowed are only min, min + step ... max
  std::vector<std::string> choices;  // for text: the only allowed values
  bool must_be_given = false;
  bool is_shorthand = false;  // `stage: VALUE` means `stage: {this: VALUE}`

  std::function<Value(const Configurable&)> get;         // also reads the default
  std::function<void(Configurable&, const Value&)> set;  // value already has this->type

  // All values of an integer with steps.
  std::vector<std::int64_t> stepped() const {
    std::vector<std::int64_t> values;
    for (auto v = static_cast<std::int64_t>(*min); v <= static_cast<std::int64_t>(*max); v += step)
      values.push_back(v);
    return values;
  }

  Param&& range(double low, double high) && {
    min = low, max = high;
    return std::move(*this);
  }
  Param&& steps_of(std::int64_t size) && {
    step = size;
    return std::move(*this);
  }
  Param&& unit(std::string_view name_) && {
    unit_name = name_;
    return std::move(*this);
  }
  Param&& one_of(std::vector<std::string> names) && {
    choices = std::move(names);
    return std::move(*this);
  }
  Param&& required() && {
    must_be_given = true;
    return std::move(*this);
  }
  Param&& map() && {
    form = Form::map;
    return std::move(*this);
  }
  Param&& list_of_texts() && {
    form = Form::list_of_texts;
    return std::move(*this);
  }
  Param&& shorthand() && {
    is_shorthand = true;
    return std::move(*this);
  }
};

// `member` is a bool, int, std::int64_t, double or std::string of `Owner`.
template <class Owner, class T>
Param param(std::string_view name, T Owner::*member, std::string_view help) {
  using Stored = std::conditional_t<
      std::is_same_v<T, bool>, bool,
      std::conditional_t<std::is_integral_v<T>, std::int64_t,
                         std::conditional_t<std::is_floating_point_v<T>, double, std::string>>>;
  Param p;
  p.name = name;
  p.help = help;
  p.type = static_cast<Param::Type>(Value(Stored{}).index());
  p.get = [member](const Configurable& c) -> Value {
    return Stored(static_cast<const Owner&>(c).*member);
  };
  p.set = [member](Configurable& c, const Value& v) {
    static_cast<Owner&>(c).*member = static_cast<T>(std::get<Stored>(v));
  };
  return p;
}

// A number or a word that stands for `word_value`: `workers: auto`, `timeout: none`. `member` is an
// int or a double of `Owner`.
template <class Owner, class T>
Param param_or_word(std::string_view name, T Owner::*member, const std::string& word, T word_value,
                    std::string_view help) {
  Param p = param(name, member, help);
  p.choices = {word};
  p.get = [member, word, word_value, get = p.get](const Configurable& c) -> Value {
    return static_cast<const Owner&>(c).*member == word_value ? Value(word) : get(c);
  };
  p.set = [member, word_value, set = p.set](Configurable& c, const Value& v) {
    if (std::holds_alternative<std::string>(v))
      static_cast<Owner&>(c).*member = word_value;
    else
      set(c, v);
  };
  return p;
}

}  // namespace quadrant
