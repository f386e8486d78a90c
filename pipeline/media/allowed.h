// SPDX-License-Identifier: MIT
// What an input may pull in: its own file and, for a playlist that is called so, files below its
// folder. The rest only if the user allows it on the command line; a job cannot allow itself.
#pragma once

#include <string>
#include <vector>

struct AVDictionary;
struct AVFormatContext;
struct AVIOContext;

namespace quadrant {

namespace av {
class Dictionary;
}

// For the whole process, before any input is opened: "network" and "files" (see --allow).
void allow(const std::vector<std::string>& kinds);
std::vector<std::string> allowed_kinds();  // sorted

// Is a demuxer's name that of a format which names no further files?
bool is_plain_format(const std::string& demuxer);

// Watches over one context. Throws Error(input) at once for a name that may not be opened.
class Gate {
 public:
  explicit Gate(std::string name);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // Before the context is opened as `url` with `options`; the context must not outlive the gate.
  void guard(AVFormatContext& context, const std::string& url, av::Dictionary& options);
  // Throws Error(input) if something was refused since; `reason` is libav's.
  void check(const std::string& reason = "") const;

 private:
  using Open = int (*)(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**);
  static int open(AVFormatContext* context, AVIOContext** io, const char* url, int flags,
                  AVDictionary** options);
  bool may_open(const std::string& url) const;

  const std::string name_;
  std::string url_, refused_;
  Open original_ = nullptr;
};

}  // namespace quadrant
