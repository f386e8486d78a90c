// SPDX-License-Identifier: MIT
#include "pipeline/media/filter_chain.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "pipeline/media/av.h"

extern "C" {
#include <libavutil/avstring.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
}

namespace quadrant {
namespace {

struct WrittenFile {
  std::string_view filter, option;
  bool by_default = false;  // written without the option, too
};
constexpr std::array written_files{WrittenFile{"curves", "plot"},
                                   WrittenFile{"deshake", "filename"},
                                   WrittenFile{"libvmaf", "log_path"},
                                   WrittenFile{"metadata", "file"},
                                   WrittenFile{"psnr", "stats_file"},
                                   WrittenFile{"psnr", "f"},
                                   WrittenFile{"signature", "filename"},
                                   WrittenFile{"ssim", "stats_file"},
                                   WrittenFile{"ssim", "f"},
                                   WrittenFile{"vidstabdetect", "result", true},
                                   WrittenFile{"vmafmotion", "stats_file"},
                                   WrittenFile{"xpsnr", "stats_file"},
                                   WrittenFile{"xpsnr", "f"},
                                   WrittenFile{"paletteuse", "debug_kdtree"}};

bool is_written(std::string_view filter, std::string_view option) {
  return std::ranges::any_of(written_files, [&](const WrittenFile& file) {
    return file.filter == filter && file.option == option;
  });
}

constexpr const char* filter_ends = "[],;";

// The end of the token at `at`: the next of `separators` that is neither quoted nor escaped, as for
// av_get_token().
std::size_t end_of_token(std::string_view text, std::size_t at, std::string_view separators) {
  bool quoted = false;
  for (; at < text.size(); ++at) {
    if (text[at] == '\'') quoted = !quoted;
    if (quoted) continue;
    if (text[at] == '\\')
      ++at;
    else if (separators.find(text[at]) != std::string_view::npos)
      return at;
  }
  return text.size();
}

// Without one level of libav's quotes and escapes, and without spaces around it.
std::string unquoted(const std::string& text) {
  const char* at = text.c_str();
  char* token = av::not_null(av_get_token(&at, ""));
  std::string result = token;
  av_free(token);
  return result;
}

std::string quoted_for_chain(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("\\'[],;").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

// Calls `each` with the tokens of `text`, as they are written, and the separator after each.
template <class Each>
void for_tokens(const std::string& text, std::string_view separators, Each each) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_token(text, at, separators);
    each(text.substr(at, end - at), end < text.size() ? text.substr(end, 1) : std::string());
    at = end + 1;
  }
}

std::string name_of_filter(const std::string& token) {
  const std::string name = unquoted(token.substr(0, token.find('=')));
  return name.substr(0, name.find('@'));
}

// Options without a name are those of the filter's table, in its order (libavfilter,
// av_filter_opt_parse).
class OptionNames {
 public:
  explicit OptionNames(const std::string& filter) {
    const AVFilter* found = avfilter_get_by_name(filter.c_str());
    class_ = found ? found->priv_class : nullptr;
  }
  std::string next() {
    const int before = option_ ? option_->offset : -1;
    while (class_ && (option_ = av_opt_next(&class_, option_)) != nullptr)
      if (option_->type != AV_OPT_TYPE_CONST && option_->offset != before) return option_->name;
    class_ = nullptr;
    return "";
  }

 private:
  const AVClass* class_ = nullptr;
  const AVOption* option_ = nullptr;
};

struct OptionText {
  std::string name, value, written;  // `written`: as it stands in the options
};

std::vector<OptionText> options_in(const std::string& filter, const std::string& options) {
  std::vector<OptionText> all;
  OptionNames names(filter);
  for_tokens(options, ":|", [&](const std::string& token, const std::string&) {
    const std::size_t equals = end_of_token(token, 0, "=");
    const std::string name =
        equals < token.size() ? unquoted(token.substr(0, equals)) : names.next();
    const std::string value = equals < token.size() ? token.substr(equals + 1) : token;
    all.push_back({name, unquoted(value), token});
  });
  return all;
}

// The options of a filter as its own parser sees them, "" if it has none.
std::string options_of(const std::string& token) {
  const std::size_t equals = token.find('=');
  return equals == std::string::npos ? "" : unquoted(token.substr(equals + 1));
}

// A filter of a chain, with the file that it writes replaced.
std::string without_written_file(const std::string& token) {
  const std::string filter = name_of_filter(token);
  const auto file = std::ranges::find(written_files, filter, &WrittenFile::filter);
  if (file == written_files.end()) return token;
  std::string options;
  const auto add = [&](const std::string& option) {
    options += (options.empty() ? "" : ":") + option;
  };
  bool writes = false;
  for (const OptionText& option : options_in(filter, options_of(token))) {
    const bool is_file = is_written(filter, option.name);
    add(is_file ? option.name + "=/dev/null" : option.written);
    writes = writes || is_file;
  }
  if (!writes && file->by_default) add(std::string(file->option) + "=/dev/null");
  return writes || file->by_default
             ? token.substr(0, token.find('=')) + "=" + quoted_for_chain(options)
             : token;
}

// A value that looks like a name and another value may be one: "=" may be part of a file's name.
void add_file(const OptionText& option, std::vector<std::string>& files) {
  std::error_code ignored;
  for (const std::string& path : {option.value, unquoted(option.written)})
    if (std::filesystem::is_regular_file(path, ignored) && !std::ranges::count(files, path))
      files.push_back(path);
}

bool has_seed(const FilterText& filter) {
  return std::ranges::any_of(filter.options, [](const auto& option) {
    return option.first == "seed" && !option.second.starts_with('-');
  });
}

bool holds(const FilterText& filter, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(filter.options, [&](const auto& option) {
    return std::ranges::any_of(words, [&](std::string_view word) {
      return option.second.find(word) != std::string::npos;
    });
  });
}

std::string why_unrepeatable(const FilterText& filter) {
  if ((filter.name == "random" || filter.name == "shufflepixels") && !has_seed(filter))
    return filter.name + " without a seed";
  if (filter.name == "drawtext" && holds(filter, {"%{localtime", "%{gmtime"}))
    return "drawtext with the time of day";
  if (filter.name == "setpts" && holds(filter, {"RTCTIME", "RTCSTART"}))
    return "setpts with the time of day";
  if (filter.name == "zmq") return "zmq, which others control";
  return "";
}

}  // namespace

std::vector<FilterText> filters_in(const std::string& chain) {
  std::vector<FilterText> filters;
  for_tokens(chain, filter_ends, [&](const std::string& token, const std::string&) {
    FilterText filter{name_of_filter(token), {}};
    if (filter.name.empty()) return;
    for (OptionText& option : options_in(filter.name, options_of(token)))
      filter.options.emplace_back(std::move(option.name), std::move(option.value));
    filters.push_back(std::move(filter));
  });
  return filters;
}

std::vector<std::string> files_named_in(const std::string& chain) {
  std::vector<std::string> files;
  for_tokens(chain, filter_ends, [&](const std::string& token, const std::string&) {
    const std::string filter = name_of_filter(token);
    for (const OptionText& option : options_in(filter, options_of(token)))
      if (!is_written(filter, option.name)) add_file(option, files);
  });
  return files;
}

bool opens_files(const std::string& chain) {
  const std::vector<FilterText> filters = filters_in(chain);
  return !files_named_in(chain).empty() ||
         std::ranges::any_of(filters, [](const FilterText& filter) {
           return filter.name == "movie" || filter.name == "amovie";
         });
}

std::string without_written_files(const std::string& chain) {
  std::string result;
  for_tokens(chain, filter_ends, [&](const std::string& token, const std::string& separator) {
    result += without_written_file(token) + separator;
  });
  return result;
}

std::vector<std::string> unrepeatable_in(const std::string& chain) {
  std::vector<std::string> found;
  for (const FilterText& filter : filters_in(chain))
    if (std::string why = why_unrepeatable(filter); !why.empty()) found.push_back(std::move(why));
  return found;
}

std::vector<std::string> filters_that_move_time(const std::string& chain) {
  constexpr std::array movers = {"freezeframes", "loop", "select",   "setpts", "thumbnail",
                                 "tile",         "tpad", "telecine", "trim"};
  std::vector<std::string> found;
  for (const FilterText& filter : filters_in(chain))
    if (std::ranges::find(movers, filter.name) != movers.end()) found.push_back(filter.name);
  return found;
}

}  // namespace quadrant
