// SPDX-License-Identifier: MIT
// A file that names further files, read as each of its three kinds.
#include "pipeline/media/playlist.h"

#include "pipeline/media/manifest.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quadrant;
  const fuzz::TemporaryFile file(".mpd", data, size);
  const std::optional<Playlist> playlist = read_playlist(file.path());
  if (!playlist) std::abort();  // its extension says so
  const ManifestNames names = names_in_manifest({reinterpret_cast<const char*>(data), size});
  if (!names.unclear.empty() && !names.names.empty()) std::abort();
  return 0;
}
