// SPDX-License-Identifier: MIT
#include "pipeline/media/allowed.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <string_view>

#include "pipeline/media/av.h"
#include "pipeline/media/filter_chain.h"
#include "pipeline/media/sequence.h"

extern "C" {
#include <libavutil/avstring.h>
#include <libavutil/mem.h>
}

namespace quadrant {
namespace {

namespace fs = std::filesystem;

struct Allowed {
  bool network = false, files = false;
};
Allowed& allowed() {
  static Allowed all;
  return all;
}

constexpr std::string_view lavfi = "lavfi:";

// Protocols that stay on this machine; any other may reach the network.
constexpr std::array<std::string_view, 15> local_protocols = {
    "file", "crypto", "concat", "concatf", "subfile", "cache", "async",          "data",
    "pipe", "fd",     "md5",    "unix",    "bluray",  "lavfi", "android_content"};
// Those of a file by itself; the others read further files, or what is no file.
constexpr std::array<std::string_view, 2> plain_protocols = {"file", "crypto"};

// Formats that name further files, and the extensions that say so. Scripts have none: they can do
// anything.
struct Playlist {
  std::string_view format;
  std::array<std::string_view, 3> extensions;
};
constexpr std::array<Playlist, 9> playlists = {{{"hls", {"m3u8", "m3u"}},
                                                {"concat", {"ffconcat", "ffcat"}},
                                                {"dash", {"mpd"}},
                                                {"sdp", {"sdp"}},
                                                {"rtsp", {}},
                                                {"imf", {}},
                                                {"webm_dash_manifest", {}},
                                                {"avisynth", {}},
                                                {"vapoursynth", {}}}};

// "http" of http://host/a.mp4, "" of a path.
std::string scheme_of(const std::string& url) {
  const std::size_t end =
      std::ranges::find_if_not(
          url,
          [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-' || c == '.'; }) -
      url.begin();
  if (url.starts_with("subfile,")) return "subfile";
  if (end == 0 || end == url.size() || url[end] != ':') return "";
  // crypto+file:, cache:, and hls+http: are names of the first one
  return url.substr(0, std::min(url.find('+'), end));
}

bool is_local(std::string_view scheme) { return std::ranges::count(local_protocols, scheme) > 0; }

// A colon may also be part of a file's name ("take 2: a.mp4").
bool is_network(const std::string& url) {
  const std::string scheme = scheme_of(url);
  if (scheme.empty() || is_local(scheme)) return false;
  void* state = nullptr;
  while (const char* protocol = avio_enum_protocols(&state, 0))
    if (scheme == protocol) return true;
  return url.find("://") != std::string::npos || scheme == "rtsp" || scheme == "rtsps";
}

std::string extension_of(const std::string& name) {
  const bool is_url = name.find("://") != std::string::npos;
  const fs::path path(is_url ? name.substr(0, name.find_first_of("?#")) : name);
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension.empty() ? "" : extension.substr(1);
}

std::string known_formats(const std::string& name) {
  std::set<std::string_view> left_out;
  const std::string extension = extension_of(name);
  for (const Playlist& playlist : playlists)
    if (extension.empty() || !std::ranges::count(playlist.extensions, extension))
      left_out.insert(playlist.format);
  if (is_network(name)) left_out.erase("rtsp");
  std::string all;
  void* state = nullptr;
  while (const AVInputFormat* format = av_demuxer_iterate(&state))
    if (!left_out.contains(format->name))
      all += (all.empty() ? "" : ",") + std::string(format->name);
  return all;
}

std::string known_protocols() {
  std::string all;
  void* state = nullptr;
  while (const char* protocol = avio_enum_protocols(&state, 0)) {
    const bool wanted = is_local(protocol)
                            ? allowed().files || std::ranges::count(plain_protocols, protocol) > 0
                            : allowed().network;
    if (wanted) all += (all.empty() ? "" : ",") + std::string(protocol);
  }
  return all;
}

// The path that `url` stands for; "" if it is none.
std::string path_of(std::string url) {
  for (const std::string_view prefix : {"crypto+", "crypto:", "file:"})
    if (url.starts_with(prefix)) url.erase(0, prefix.size());
  const std::string scheme = scheme_of(url);
  return scheme.empty() || !(is_local(scheme) || is_network(url)) ? url : "";
}

// Follows symbolic links.
bool is_below_folder_of(const std::string& playlist, const std::string& file) {
  std::error_code error;
  const fs::path absolute = fs::absolute(playlist, error);
  const fs::path folder = fs::weakly_canonical(absolute.parent_path(), error);
  if (error) return false;
  const fs::path wanted = fs::weakly_canonical(file, error);
  if (error) return false;
  return std::mismatch(folder.begin(), folder.end(), wanted.begin(), wanted.end()).first ==
         folder.end();
}

[[noreturn]] void refuse(const std::string& name, const std::string& what) {
  fail(Fault::input,
       "{}: names {}, which a playlist may not: only files below its own folder; "
       "--allow {} lifts that",
       name, what, is_network(what) ? "network" : "files");
}

std::string first_line(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string line(20, '\0');
  in.read(line.data(), static_cast<std::streamsize>(line.size()));
  return line;
}

bool is_script(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && first_line(path).starts_with("ffconcat version");
}

// The concat demuxer opens its files by itself, so that no gate sees them.
void check_script(const std::string& name) {
  const std::string script = path_of(name);
  if (!is_script(script)) return;
  std::ifstream in(script);
  for (std::string line; std::getline(in, line);) {
    const char* at = line.c_str() + std::min(line.find_first_not_of(" \t\r"), line.size());
    if (std::string_view(at).substr(0, 4) != "file" ||
        !std::isspace(static_cast<unsigned char>(at[4])))
      continue;
    at += 4 + std::string_view(at + 4).find_first_not_of(" \t\r");
    char* token = av::not_null(av_get_token(&at, " \t\r"));
    const std::string file = token;
    av_free(token);
    const std::string path = path_of(file);
    const fs::path whole = fs::path(script).parent_path() / path;
    if (path.empty() || !is_below_folder_of(script, whole)) refuse(name, file);
    if (is_script(whole)) refuse(name, file + ", a playlist");
  }
}

void check_name(const std::string& name) {
  std::error_code ignored;
  if (fs::exists(name, ignored) || name == "-") return;
  if (is_network(name)) {
    if (!allowed().network)
      fail(Fault::input, "{}: is read from the network, which needs --allow network", name);
  } else if (!allowed().files && name.starts_with(lavfi)) {
    if (opens_files(name.substr(lavfi.size())))
      fail(Fault::input, "{}: the filter reads a file, which needs --allow files", name);
  } else if (const std::string scheme = scheme_of(name);
             !allowed().files && is_local(scheme) && scheme != "file") {
    fail(Fault::input, "{}: {}: can read any file, which needs --allow files", name, scheme);
  }
}

}  // namespace

void allow(const std::vector<std::string>& kinds) {
  for (const std::string& kind : kinds) {
    if (kind != "network" && kind != "files")
      fail(Fault::usage, "--allow: network or files is wanted, not '{}'", kind);
    (kind == "network" ? allowed().network : allowed().files) = true;
  }
}

std::vector<std::string> allowed_kinds() {
  std::vector<std::string> kinds;
  if (allowed().files) kinds.emplace_back("files");
  if (allowed().network) kinds.emplace_back("network");
  return kinds;
}

Gate::Gate(std::string name) : name_(std::move(name)) {
  check_name(name_);
  if (!allowed().files) check_script(name_);
}

void Gate::guard(AVFormatContext& context, const std::string& url, av::Dictionary& options) {
  url_ = url;
  if (allowed().files) options.set("safe", "0");  // names in a concat script may be absolute
  if (name_.starts_with(lavfi)) return;           // a graph, not a file: checked by name
  if (!(allowed().files && allowed().network))
    context.protocol_whitelist = av::not_null(av_strdup(known_protocols().c_str()));
  if (allowed().files) return;
  context.format_whitelist = av::not_null(av_strdup(known_formats(name_).c_str()));
  context.opaque = this;
  original_ = context.io_open;
  context.io_open = open;
}

int Gate::open(AVFormatContext* context, AVIOContext** io, const char* url, int flags,
               AVDictionary** options) {
  auto* gate = static_cast<Gate*>(context->opaque);
  if (!gate) return AVERROR(EPERM);  // a context that a demuxer made, of which nothing is known
  const bool picture = context->iformat && context->iformat->name == std::string_view("image2");
  if ((picture && is_sequence(gate->name_)) || gate->may_open(url))
    return gate->original_(context, io, url, flags, options);
  if (gate->refused_.empty()) gate->refused_ = url;
  return AVERROR(EPERM);
}

bool Gate::may_open(const std::string& url) const {
  if (url == url_) return true;
  if (is_network(url)) return allowed().network;
  const std::string path = path_of(url);
  return !path.empty() && name_ != "-" && !is_network(name_) &&
         is_below_folder_of(path_of(name_), path);
}

void Gate::check(const std::string& reason) const {
  if (!refused_.empty()) refuse(name_, refused_);
  if (reason.find("Format not on whitelist") != std::string::npos)
    fail(Fault::input,
         "{}: is a playlist or a script, and its name does not say so; call it .m3u8, .mpd or "
         ".ffconcat as it is one, or give --allow files",
         name_);
}

}  // namespace quadrant
