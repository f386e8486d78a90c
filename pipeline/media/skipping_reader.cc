// SPDX-License-Identifier: MIT
#include "pipeline/media/skipping_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "pipeline/media/av.h"

namespace quadrant {
namespace {
constexpr int io_buffer_bytes = 32 * 1024;  // libavformat's own
}

SkippingReader::SkippingReader(const std::string& path)
    : path_(path), descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail(av::fault_of(AVERROR(errno)), "{}: {}", path, std::strerror(errno));
  auto* buffer = static_cast<unsigned char*>(av::not_null(av_malloc(io_buffer_bytes)));
  context_ =
      av::not_null(avio_alloc_context(buffer, io_buffer_bytes, 0, this, read, nullptr, seek));
}

SkippingReader::~SkippingReader() {
  av_freep(&context_->buffer);
  avio_context_free(&context_);
  close(descriptor_);
}

void SkippingReader::skip(std::vector<ByteRange> ranges) {
  std::ranges::sort(ranges, {}, &ByteRange::begin);
  skipped_.clear();
  for (const ByteRange& range : ranges) {
    if (!skipped_.empty() && range.begin <= skipped_.back().end)
      skipped_.back().end = std::max(skipped_.back().end, range.end);
    else
      skipped_.push_back(range);
  }
  // Later reads are far apart: read-ahead by the kernel would be wasted.
  posix_fadvise(descriptor_, 0, 0, POSIX_FADV_RANDOM);
}

std::int64_t SkippingReader::read_at(std::int64_t place, unsigned char* buffer,
                                     std::int64_t bytes) const {
  std::int64_t done = 0;
  while (done < bytes) {
    const auto got =
        pread(descriptor_, buffer + done, static_cast<std::size_t>(bytes - done), place + done);
    if (got == 0) break;
    if (got < 0 && errno != EINTR)
      fail(av::fault_of(AVERROR(errno)), "{}: {}", path_, std::strerror(errno));
    done += std::max<std::int64_t>(got, 0);
  }
  return done;
}

std::int64_t SkippingReader::size() const {
  struct stat about {};
  return fstat(descriptor_, &about) == 0 ? about.st_size : 0;
}

bool SkippingReader::has_holes() const {
  const auto hole = lseek(descriptor_, 0, SEEK_HOLE);  // the end, or an error, if there is none
  return hole >= 0 && hole < size();
}

// Returns no more at once than lies within one skipped range, or between two.
int SkippingReader::read(void* self, unsigned char* buffer, int bytes) {
  auto& file = *static_cast<SkippingReader*>(self);
  const auto next = std::ranges::upper_bound(file.skipped_, file.place_, {}, &ByteRange::end);
  const bool at_end = next == file.skipped_.end();
  if (!at_end && next->begin <= file.place_) {
    const auto count = std::min<std::int64_t>(bytes, next->end - file.place_);
    std::memset(buffer, 0, static_cast<std::size_t>(count));
    file.place_ += count;
    return static_cast<int>(count);
  }
  const std::int64_t wanted =
      at_end ? bytes : std::min<std::int64_t>(bytes, next->begin - file.place_);
  try {
    const std::int64_t got = file.read_at(file.place_, buffer, wanted);
    file.place_ += got;
    return got > 0 ? static_cast<int>(got) : AVERROR_EOF;
  } catch (const Error&) {
    return AVERROR(EIO);
  }
}

std::int64_t SkippingReader::seek(void* self, std::int64_t offset, int whence) {
  auto& file = *static_cast<SkippingReader*>(self);
  whence &= ~AVSEEK_FORCE;
  if (whence == AVSEEK_SIZE) return file.size();
  if (whence == SEEK_CUR) offset += file.place_;
  if (whence == SEEK_END) offset += file.size();
  if (offset < 0) return AVERROR(EINVAL);
  return file.place_ = offset;
}

}  // namespace quadrant
