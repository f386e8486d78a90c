// SPDX-License-Identifier: MIT
// What libavformat takes a name for: a path, or a protocol and what it is to read.
#pragma once

#include <string>
#include <string_view>

namespace quadrant {

// "http" of http://host/a.mp4, "" of a path.
std::string scheme_of(const std::string& url);
// Does the protocol stay on this machine? Any other may reach the network.
bool is_local(std::string_view scheme);
// A colon may also be part of a file's name ("take 2: a.mp4").
bool is_network(const std::string& url);
// The path that `url` stands for; "" if it is none.
std::string path_of(std::string url);

}  // namespace quadrant
