// SPDX-License-Identifier: MIT
// The names in a DASH manifest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

struct ManifestNames {
  std::vector<std::string> names;  // as written; what is counted (segments, times) is a *
  std::string unclear;             // see Playlist
};

// libxml2 reads the same text for libav, with all that XML can do. This reader knows elements,
// attributes, comments and the five plain entities; anything else is unclear.
ManifestNames names_in_manifest(std::string_view xml);

}  // namespace quadrant
