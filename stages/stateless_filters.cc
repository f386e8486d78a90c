// SPDX-License-Identifier: MIT
// Which libavfilter chains may run on several frames at once, in any order, with one graph per
// worker. libavfilter does not say: a filter's context may hold a counter, a random number
// generator or the last frame, and nothing marks it. So there is a short list, and everything else
// runs in order, which is always right.
//
// A filter is on the list if its source (libavfilter 8 to 11) keeps nothing from frame to frame
// except tables made from its options and the frame size, and writes every scratch buffer before
// reading it. stage_stream_test runs each of them in shuffled order on separate graphs and compares
// bits. Examined and left out: vignette and noise (a random number generator continues from frame
// to frame), drawbox, drawgrid and drawtext (expressions and counters, more in each version), lut
// and similar filters (expressions with random()), histeq and normalize (history), deband (writes
// into the frame it borrowed), anything with two inputs.
//
// Some options are expressions that may contain the time or the frame number. In options of these
// filters every word must be known not to; a filter with `enable=` is never stateless.
#include "stages/stateless_filters.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace quadrant {
namespace {

enum class Options { plain, expressions };

struct Filter {
  std::string_view name;
  Options options = Options::plain;
};

constexpr std::array filters{
    Filter{"avgblur"},
    Filter{"bilateral"},
    Filter{"boxblur", Options::expressions},
    Filter{"colorbalance"},
    Filter{"colorchannelmixer"},
    Filter{"colorcontrast"},
    Filter{"colorlevels"},
    Filter{"colortemperature"},
    Filter{"convolution"},
    Filter{"copy"},
    Filter{"crop", Options::expressions},
    Filter{"curves"},
    Filter{"deflate"},
    Filter{"dilation"},
    Filter{"eq", Options::expressions},
    Filter{"erosion"},
    Filter{"exposure"},
    Filter{"format"},
    Filter{"gblur"},
    Filter{"hflip"},
    Filter{"hue", Options::expressions},
    Filter{"huesaturation"},
    Filter{"inflate"},
    Filter{"kirsch"},
    Filter{"lenscorrection"},
    Filter{"limiter"},
    Filter{"lut3d"},
    Filter{"median"},
    Filter{"monochrome"},
    Filter{"negate"},
    Filter{"nlmeans"},
    Filter{"noformat"},
    Filter{"null"},
    Filter{"pad", Options::expressions},
    Filter{"prewitt"},
    Filter{"roberts"},
    Filter{"rotate", Options::expressions},
    Filter{"scale", Options::expressions},
    Filter{"selectivecolor"},
    Filter{"setdar", Options::expressions},
    Filter{"setparams"},
    Filter{"setrange"},
    Filter{"setsar", Options::expressions},
    Filter{"sobel"},
    Filter{"swapuv"},
    Filter{"transpose"},
    Filter{"unsharp"},
    Filter{"vflip"},
    Filter{"vibrance"},
};

// Words with the same meaning for every frame: sizes and ratios, functions without memory, and
// names of colours, scaling methods and the like.
constexpr std::string_view timeless[]{
    "iw", "ih", "in_w", "in_h", "ow", "oh", "out_w", "out_h", "w", "h", "cw", "ch", "a", "sar",
    "dar", "hsub", "vsub", "ohsub", "ovsub", "x", "y", "rotw", "roth", "PI", "E", "PHI",
    // functions
    "abs", "ceil", "cos", "exp", "floor", "gt", "gte", "hypot", "if", "ifnot", "log", "lt", "lte",
    "max", "min", "mod", "pow", "round", "sin", "sqrt", "tan", "trunc",
    // values
    "init", "none", "black", "white", "gray", "auto", "tv", "pc", "full", "limited", "bt709",
    "bt601", "bt2020", "decrease", "increase", "disable", "fast_bilinear", "bilinear", "bicubic",
    "neighbor", "area", "gauss", "sinc", "lanczos", "spline", "accurate_rnd", "bitexact",
    "full_chroma_int", "full_chroma_inp"};

bool is_word_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

bool only_timeless_words(std::string_view value) {
  for (std::size_t i = 0; i < value.size();) {
    std::size_t end = i;
    while (end < value.size() && is_word_letter(value[end])) ++end;
    const std::string_view word = value.substr(i, end - i);
    const bool number = !word.empty() && std::isdigit(static_cast<unsigned char>(word.front()));
    if (!word.empty() && !number && std::ranges::find(timeless, word) == std::end(timeless))
      return false;
    i = std::max(end, i + 1);
  }
  return true;
}

std::vector<std::string> split(std::string_view text, char separator, bool mind_quotes) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (char c : text) {
    if (c == '\'') quoted = !quoted;
    if (c == separator && !(mind_quotes && quoted))
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\n");
  return first == std::string::npos
             ? ""
             : text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

bool is_stateless(const std::string& filter) {
  const auto equals = filter.find('=');
  const std::string name = trimmed(filter.substr(0, equals));
  const auto known = std::ranges::find(filters, name, &Filter::name);
  if (known == filters.end()) return false;
  if (equals == std::string::npos) return true;
  // Quotes do not protect a colon at this level, so it separates options even inside quotes.
  for (std::string option : split(filter.substr(equals + 1), ':', false)) {
    std::erase(option, '\'');
    const auto value_at = option.find('=');
    const bool named = value_at != std::string::npos;
    if (named && trimmed(option.substr(0, value_at)) == "enable") return false;
    if (known->options == Options::expressions &&
        !only_timeless_words(named ? option.substr(value_at + 1) : option))
      return false;
  }
  return true;
}

}  // namespace

bool is_stateless_chain(const std::string& chain) {
  // This parser does not handle labels, several chains and escapes.
  if (chain.find_first_of("[];\\@") != std::string::npos) return false;
  const std::vector<std::string> all = split(chain, ',', true);
  return std::ranges::all_of(all, is_stateless);
}

std::vector<std::string_view> stateless_filters() {
  std::vector<std::string_view> names;
  for (const Filter& filter : filters) names.push_back(filter.name);
  return names;
}

}  // namespace quadrant
