// SPDX-License-Identifier: MIT
#include "pipeline/media/standard_output.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "pipeline/media/av.h"

namespace quadrant {
namespace {

constexpr int output_buffer_bytes = 64 * 1024;  // a Linux pipe holds as much
constexpr int output_stop_check_ms = 100;

// libavformat does not tell. These need nothing of what they wrote; a player can begin before the
// end.
constexpr std::array<std::string_view, 22> streamable = {
    "matroska",   "webm",       "mpegts",     "nut",      "flv",      "mpeg",
    "vob",        "ogg",        "asf_stream", "ivf",      "h264",     "hevc",
    "m4v",        "mpeg1video", "mpeg2video", "mjpeg",    "rawvideo", "yuv4mpegpipe",
    "image2pipe", "gif",        "framemd5",   "framehash"};
constexpr std::array<std::string_view, 2> fragmentable = {"mp4", "mov"};

bool asks_for_fragments(const Options& options) {
  return std::ranges::any_of(options, [](const auto& option) {
    const std::string_view value = option.second;
    return option.first == "movflags" && (value.find("frag_") != std::string_view::npos ||
                                          value.find("empty_moov") != std::string_view::npos);
  });
}

}  // namespace

void check_streamable(const std::string& container, const Options& options) {
  if (std::ranges::find(streamable, container) != streamable.end()) return;
  const bool can = std::ranges::find(fragmentable, container) != fragmentable.end();
  if (can && asks_for_fragments(options)) return;
  fail(Fault::usage,
       "container: {} must go back in what was written, and standard output cannot; write matroska "
       "or mpegts, or a file{}",
       container,
       can ? ", or fragments: set output.options.movflags to frag_keyframe+empty_moov" : "");
}

StandardOutput::StandardOutput(const StopFlag& stop) : stop_(stop) {
  auto* buffer = static_cast<unsigned char*>(av::not_null(av_malloc(output_buffer_bytes)));
  context_ = av::not_null(avio_alloc_context(
      buffer, output_buffer_bytes, 1, this, nullptr,
      [](void* self, auto* bytes, int size) {  // the bytes became const in FFmpeg 7
        return static_cast<StandardOutput*>(self)->write(bytes, size);
      },
      nullptr));
}

StandardOutput::~StandardOutput() {
  av_freep(&context_->buffer);
  avio_context_free(&context_);
}

// PIPE_BUF bytes fit into a pipe that poll() calls writable, so no write waits where a stop would
// not be seen.
int StandardOutput::write(const std::uint8_t* bytes, int size) {
  for (int done = 0; done < size;) {
    std::array<pollfd, 2> wait{{{STDOUT_FILENO, POLLOUT, 0}, {stop_.descriptor(), POLLIN, 0}}};
    if (poll(wait.data(), wait.size(), output_stop_check_ms) < 0 && errno != EINTR)
      return AVERROR(errno);
    if (stop_.raised()) return AVERROR_EXIT;
    if (wait[0].revents == 0) continue;
    const auto some = static_cast<std::size_t>(std::min(size - done, PIPE_BUF));
    const auto written = ::write(STDOUT_FILENO, bytes + done, some);
    if (written > 0) done += static_cast<int>(written);
    if (written < 0 && errno != EINTR && errno != EAGAIN) return AVERROR(errno);
    if (written > 0) stop_.got_on();
  }
  return size;
}

}  // namespace quadrant
