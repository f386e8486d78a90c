// SPDX-License-Identifier: MIT
#include "pipeline/media/allowed.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <set>
#include <string_view>

#include "pipeline/media/av.h"
#include "pipeline/media/filter_chain.h"
#include "pipeline/media/playlist.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/url.h"

extern "C" {
#include <libavutil/avstring.h>
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

// Those of a file by itself; the others read further files, or what is no file.
constexpr std::array<std::string_view, 2> plain_protocols = {"file", "crypto"};

// Formats that name further files, and the extensions that say so. Scripts have none: they can do
// anything.
struct PlaylistFormat {
  std::string_view format;
  std::array<std::string_view, 3> extensions;
};
constexpr std::array<PlaylistFormat, 9> playlists = {{{"hls", {"m3u8", "m3u"}},
                                                      {"concat", {"ffconcat", "ffcat"}},
                                                      {"dash", {"mpd"}},
                                                      {"sdp", {"sdp"}},
                                                      {"rtsp", {}},
                                                      {"imf", {}},
                                                      {"webm_dash_manifest", {}},
                                                      {"avisynth", {}},
                                                      {"vapoursynth", {}}}};

std::string extension_of(const std::string& name) {
  const bool is_url = name.find("://") != std::string::npos;
  const fs::path path(is_url ? name.substr(0, name.find_first_of("?#")) : name);
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension.empty() ? "" : extension.substr(1);
}

bool is_file(const std::string& name) {
  std::error_code ignored;
  return fs::is_regular_file(path_of(name), ignored);
}

// What a pipe holds can be read only once: nobody can look at a playlist in it beforehand.
std::string known_formats(const std::string& name) {
  std::set<std::string_view> left_out;
  const std::string extension = is_network(name) || is_file(name) ? extension_of(name) : "";
  for (const PlaylistFormat& playlist : playlists)
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

// A playlist from the network has no file here: the DASH demuxer opens what it names by itself,
// past every gate.
std::string known_protocols(const std::string& name) {
  const auto is_plain = [&](const char* protocol) {
    return std::ranges::count(plain_protocols, protocol) > 0 &&
           !(is_network(name) && protocol == std::string_view("file"));
  };
  std::string all;
  void* state = nullptr;
  while (const char* protocol = avio_enum_protocols(&state, 0)) {
    const bool wanted =
        is_local(protocol) ? allowed().files || is_plain(protocol) : allowed().network;
    if (wanted) all += (all.empty() ? "" : ",") + std::string(protocol);
  }
  return all;
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

bool is_script(const std::string& path) {
  const std::optional<Playlist> playlist = read_playlist(path);
  return playlist && playlist->kind == Playlist::Kind::script;
}

// The demuxers of these two open files by themselves, so that no gate sees them.
void check_playlist(const std::string& name) {
  const std::string file = path_of(name);
  const std::optional<Playlist> playlist = read_playlist(file);
  if (!playlist || playlist->kind == Playlist::Kind::hls) return;
  const bool script = playlist->kind == Playlist::Kind::script;
  if (!script && extension_of(name) != "mpd") return;  // refused as a format
  for (const Playlist::Member& member : playlist->members) {
    if (!script && allowed().network && is_network(member.written)) continue;
    if (member.path.empty() || !is_below_folder_of(file, member.path)) refuse(name, member.written);
    if (script && is_script(member.path)) refuse(name, member.written + ", a playlist");
  }
  if (!playlist->unclear.empty())
    fail(Fault::input,
         "{}: holds {}, so that it is not clear which files it names; --allow files reads it", name,
         playlist->unclear);
}

// "Protocol 'rtp' not on whitelist 'crypto,file'!"
std::string refused_protocol(const std::string& reason) {
  constexpr std::string_view before = "Protocol '", after = "' not on whitelist";
  const std::size_t end = reason.find(after), begin = reason.rfind(before, end);
  if (end == std::string::npos || begin == std::string::npos) return "";
  return reason.substr(begin + before.size(), end - begin - before.size());
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

// image2 names files, too, but with pattern_type none only its own. Devices are no files.
bool is_plain_format(const std::string& demuxer) {
  const AVInputFormat* format = av_find_input_format(demuxer.c_str());
  const bool is_device = format && format->flags & AVFMT_NOFILE && demuxer != "image2";
  return !is_device && std::ranges::none_of(playlists, [&](const PlaylistFormat& playlist) {
    return playlist.format == demuxer;
  });
}

Gate::Gate(std::string name) : name_(std::move(name)) {
  check_name(name_);
  if (!allowed().files) check_playlist(name_);
}

void Gate::guard(AVFormatContext& context, const std::string& url, av::Dictionary& options) {
  url_ = url;
  if (allowed().files) options.set("safe", "0");  // names in a concat script may be absolute
  if (name_.starts_with(lavfi)) return;           // a graph, not a file: checked by name
  if (!(allowed().files && allowed().network))
    context.protocol_whitelist = av::not_null(av_strdup(known_protocols(name_).c_str()));
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
  if (const std::string protocol = refused_protocol(reason); !protocol.empty())
    fail(Fault::input, "{}: reads by the protocol {}, which needs --allow {}", name_, protocol,
         is_local(protocol) ? "files" : "network");
  if (reason.find("Format not on whitelist") != std::string::npos)
    fail(Fault::input,
         "{}: is a playlist or a script, and its name does not say so; call it .m3u8, .mpd or "
         ".ffconcat as it is one, or give --allow files",
         name_);
}

}  // namespace quadrant
