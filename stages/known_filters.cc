// SPDX-License-Identifier: MIT
// What libavfilter's filters remember from frame to frame. libavfilter does not say: a filter's
// context may hold a counter, a random number generator or earlier frames, and nothing marks it. So
// there is a list of those that are known, and everything else runs in order with one graph, which
// is always right.
//
// A filter is on the list if its source (libavfilter 8 to 11) keeps nothing from frame to frame
// except tables made from its options and the frame size and, where a number is given, that many
// frames; and writes every scratch buffer before reading it. known_filters_test runs each of them
// in shuffled order on separate graphs, or from the middle of a film, and compares bits. Examined
// and left out: vignette and noise (a random number generator continues from frame to frame),
// drawgrid, lut and similar filters (expressions with random()), histeq and normalize (history),
// deband (writes into the frame it borrowed), subtitles and ass (libass moves lines that overlap
// to where they were in the frame before), anything with two inputs.
//
// Some options are expressions that may contain the time, the frame number, random numbers or
// stored values. A filter's frames have their own time in any order; the number of a frame is not
// known then.
#include "stages/known_filters.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "pipeline/media/filter_chain.h"

namespace quadrant {
namespace {

// What the options of a filter may say so that it still depends on nothing but the frame.
enum class Words {
  any,
  timeless,   // only words that are known to have one meaning for every frame
  no_memory,  // any but those that count, or store values for the next frame
};

struct Filter {
  std::string_view name;
  Words words = Words::any;
};

constexpr std::array filters{
    Filter{"avgblur"},
    Filter{"bilateral"},
    Filter{"boxblur", Words::timeless},
    Filter{"cas"},
    Filter{"chromahold"},
    Filter{"chromakey"},
    Filter{"chromanr"},
    Filter{"chromashift"},
    Filter{"colorbalance"},
    Filter{"colorchannelmixer"},
    Filter{"colorcontrast"},
    Filter{"colorhold"},
    Filter{"colorize"},
    Filter{"colorkey"},
    Filter{"colorlevels"},
    Filter{"colormatrix"},
    Filter{"colorspace"},
    Filter{"colortemperature"},
    Filter{"convolution"},
    Filter{"copy"},
    Filter{"crop", Words::timeless},
    Filter{"curves"},
    Filter{"dblur"},
    Filter{"dctdnoiz"},
    Filter{"deblock"},
    Filter{"deflate"},
    Filter{"delogo", Words::timeless},
    Filter{"dilation"},
    Filter{"drawbox", Words::no_memory},
    Filter{"drawtext", Words::no_memory},
    Filter{"epx"},
    Filter{"eq", Words::timeless},
    Filter{"erosion"},
    Filter{"exposure"},
    Filter{"fillborders"},
    Filter{"format"},
    Filter{"gblur"},
    Filter{"hflip"},
    Filter{"hqx"},
    Filter{"hue", Words::timeless},
    Filter{"huesaturation"},
    Filter{"il"},
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
    Filter{"owdenoise"},
    Filter{"pad", Words::timeless},
    Filter{"pixelize"},
    Filter{"prewitt"},
    Filter{"removegrain"},
    Filter{"rgbashift"},
    Filter{"roberts"},
    Filter{"rotate", Words::timeless},
    Filter{"sab"},
    Filter{"scale", Words::timeless},
    Filter{"selectivecolor"},
    Filter{"setdar", Words::timeless},
    Filter{"setparams"},
    Filter{"setrange"},
    Filter{"setsar", Words::timeless},
    Filter{"shear"},
    Filter{"shuffleplanes"},
    Filter{"smartblur"},
    Filter{"sobel"},
    Filter{"super2xsai"},
    Filter{"swapuv"},
    Filter{"tonemap"},
    Filter{"transpose"},
    Filter{"unsharp"},
    Filter{"v360"},
    Filter{"vaguedenoiser"},
    Filter{"vflip"},
    Filter{"vibrance"},
    Filter{"xbr"},
    Filter{"yaepblur"},
    Filter{"zscale", Words::timeless},
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

// Words with which a filter counts frames, or keeps or draws values, and coordinates that refer to
// those of the frame before.
constexpr std::string_view of_memory[]{"n", "N", "frame_num", "random", "rand", "st",     "ld",
                                       "x", "y", "localtime", "gmtime", "time", "rtctime"};

// A filter that also reads its neighbours: how many, if it is to give a frame for a frame.
struct Temporal {
  std::string_view name;
  std::optional<FilterMemory> (*memory)(const FilterText&);
};

std::string option(const FilterText& filter, std::string_view name, std::string_view otherwise) {
  for (const auto& [given, value] : filter.options)
    if (given == name) return value;
  return std::string(otherwise);
}

template <class Memory>
std::optional<FilterMemory> with_number(const std::string& text, Memory memory) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number < 1) return std::nullopt;
  return memory(number);
}

// Deinterlacers read one frame on each side; with a frame a field they change the rate.
std::optional<FilterMemory> of_frames(const FilterText& filter, std::string_view otherwise) {
  const std::string mode = option(filter, "mode", otherwise);
  if (mode != "0" && mode != "send_frame" && mode != "frame") return std::nullopt;
  return FilterMemory{1, 1};
}

constexpr std::array temporal{
    Temporal{"atadenoise",
             [](const FilterText& f) {
               return with_number(option(f, "s", "9"), [](int size) {
                 return FilterMemory{size / 2, size / 2};
               });
             }},
    Temporal{"bwdif", [](const FilterText& f) { return of_frames(f, "send_field"); }},
    Temporal{"dedot",
             [](const FilterText&) {
               return std::optional(FilterMemory{2, 2});
             }},
    Temporal{"estdif", [](const FilterText& f) { return of_frames(f, "field"); }},
    Temporal{"tmix",
             [](const FilterText& f) {
               return with_number(option(f, "frames", "3"), [](int frames) {
                 return FilterMemory{frames - 1, 0};
               });
             }},
    Temporal{"w3fdif", [](const FilterText& f) { return of_frames(f, "field"); }},
    Temporal{"yadif", [](const FilterText& f) { return of_frames(f, "send_frame"); }},
};

bool is_word_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Calls `is_right` with every word that is no number.
template <class Right>
bool all_words(std::string_view value, Right is_right) {
  for (std::size_t i = 0; i < value.size();) {
    std::size_t end = i;
    while (end < value.size() && is_word_letter(value[end])) ++end;
    const std::string_view word = value.substr(i, end - i);
    const bool number = !word.empty() && std::isdigit(static_cast<unsigned char>(word.front()));
    if (!word.empty() && !number && !is_right(word)) return false;
    i = std::max(end, i + 1);
  }
  return true;
}

bool is_timeless(std::string_view word) {
  return std::ranges::find(timeless, word) != std::end(timeless);
}

// When a filter is on: by the frame's own time, not by its number.
bool is_by_time(std::string_view word) {
  return is_timeless(word) || word == "t" || word == "between" || word == "eq" || word == "not";
}

bool is_without_memory(Words words, const std::string& name, const std::string& value) {
  if (name == "enable") return all_words(value, is_by_time);
  if (words == Words::timeless) return all_words(value, is_timeless);
  if (words == Words::any) return true;
  if (name == "reload" || name == "timecode") return false;
  return all_words(value, [](std::string_view word) {
    return std::ranges::find(of_memory, word) == std::end(of_memory);
  });
}

std::optional<FilterMemory> memory_of(const FilterText& filter) {
  const auto near = std::ranges::find(temporal, filter.name, &Temporal::name);
  const auto known = std::ranges::find(filters, filter.name, &Filter::name);
  if (near == temporal.end() && known == filters.end()) return std::nullopt;
  const Words words = near == temporal.end() ? known->words : Words::any;
  for (const auto& [name, value] : filter.options)
    if (!is_without_memory(words, name, value)) return std::nullopt;
  return near == temporal.end() ? FilterMemory{} : near->memory(filter);
}

}  // namespace

std::optional<FilterMemory> known_memory_of(const std::string& chain) {
  if (chain.find_first_of("[];") != std::string::npos)
    return std::nullopt;  // not a line of filters
  const std::vector<FilterText> all = filters_in(chain);
  if (all.empty()) return std::nullopt;
  FilterMemory sum;
  for (const FilterText& filter : all) {
    const std::optional<FilterMemory> memory = memory_of(filter);
    if (!memory) return std::nullopt;
    sum.before += memory->before;
    sum.after += memory->after;
  }
  return sum;
}

std::string first_unknown(const std::string& chain) {
  for (const FilterText& filter : filters_in(chain))
    if (!memory_of(filter)) return filter.name;
  return chain;
}

std::vector<std::string_view> known_filters() {
  std::vector<std::string_view> names;
  for (const Filter& filter : filters) names.push_back(filter.name);
  for (const Temporal& filter : temporal) names.push_back(filter.name);
  return names;
}

}  // namespace quadrant
