// SPDX-License-Identifier: MIT
#include "pipeline/media/pipe_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "pipeline/media/av.h"

namespace quadrant {
namespace {
constexpr int buffer_bytes = 64 * 1024;  // a Linux pipe holds as much
constexpr int stop_check_ms = 100;       // not every stop is visible on its descriptor
}  // namespace

bool PipeReader::serves(const std::string& path) {
  struct stat about {};
  if (path == "-") return true;
  if (stat(path.c_str(), &about) != 0) return false;
  return S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode) || S_ISCHR(about.st_mode);
}

PipeReader::PipeReader(const std::string& path, const StopFlag& stop) : stop_(stop) {
  // Non-blocking: opening a FIFO without a writer returns at once, and poll() waits instead.
  descriptor_ =
      path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) fail(av::fault_of(AVERROR(errno)), "{}: {}", path, std::strerror(errno));
  auto* buffer = static_cast<unsigned char*>(av::not_null(av_malloc(buffer_bytes)));
  begin_ = lseek(descriptor_, 0, SEEK_CUR);
  struct stat about {};
  const bool regular = begin_ >= 0 && fstat(descriptor_, &about) == 0 && S_ISREG(about.st_mode);
  context_ = av::not_null(
      avio_alloc_context(buffer, buffer_bytes, 0, this, read, nullptr, regular ? seek : nullptr));
}

PipeReader::~PipeReader() {
  av_freep(&context_->buffer);
  avio_context_free(&context_);
  close(descriptor_);
}

// A redirected file may start at any position.
std::int64_t PipeReader::seek(void* self, std::int64_t offset, int whence) {
  auto& pipe = *static_cast<PipeReader*>(self);
  struct stat about {};
  whence &= ~AVSEEK_FORCE;
  if (whence == AVSEEK_SIZE)
    return fstat(pipe.descriptor_, &about) == 0 ? about.st_size - pipe.begin_ : AVERROR(errno);
  if (whence == SEEK_SET) offset += pipe.begin_;
  const auto place = lseek(pipe.descriptor_, offset, whence);
  return place >= 0 ? place - pipe.begin_ : AVERROR(errno);
}

int PipeReader::read(void* self, unsigned char* buffer, int size) {
  auto& pipe = *static_cast<PipeReader*>(self);
  for (;;) {
    std::array<pollfd, 2> wait{
        {{pipe.descriptor_, POLLIN, 0}, {pipe.stop_.descriptor(), POLLIN, 0}}};
    if (poll(wait.data(), wait.size(), stop_check_ms) < 0 && errno != EINTR) return AVERROR(errno);
    if (pipe.stop_.raised()) return AVERROR_EXIT;
    if (wait[0].revents == 0) continue;
    const auto got = ::read(pipe.descriptor_, buffer, static_cast<std::size_t>(size));
    if (got > 0) return static_cast<int>(got);
    if (got == 0) return AVERROR_EOF;
    if (errno != EINTR && errno != EAGAIN) return AVERROR(errno);
  }
}

}  // namespace quadrant
