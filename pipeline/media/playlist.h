// SPDX-License-Identifier: MIT
// A file that names further files: a script of the concat demuxer, an HLS playlist, a DASH
// manifest. Read for two questions, which of them an input may pull in and which no output may
// replace; so what is in doubt counts as named.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace quadrant {

struct Playlist {
  enum class Kind { script, hls, dash };
  struct Member {
    std::string written;
    std::string path;  // from here, not from the playlist's folder; empty: it is no local file
  };
  Kind kind = Kind::script;
  // Not those of playlists in it. Of a manifest's templates, all files that they may stand for.
  std::vector<Member> members;
  std::string unclear;  // what libav may read in another way than we do; empty: nothing
};

// By its first bytes; a manifest by its extension, too. Nothing for any other file, and for what is
// no regular file.
std::optional<Playlist> read_playlist(const std::string& path);

}  // namespace quadrant
