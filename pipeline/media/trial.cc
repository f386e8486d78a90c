// SPDX-License-Identifier: MIT
#include "pipeline/media/trial.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "pipeline/media/log.h"
#include "pipeline/media/mux_streams.h"

namespace quadrant {
namespace {

// The written header; nothing if the muxer refuses.
std::optional<std::vector<std::uint8_t>> written_header(AVFormatContext& context) {
  if (av::refused(avio_open_dyn_buf(&context.pb))) return std::nullopt;
  av::Dictionary options;
  options.set("movflags", "empty_moov");  // otherwise MP4 writes nothing before the trailer
  if (prefers_profile(context)) options.append("movflags", "+prefer_icc");
  const int code = avformat_write_header(&context, options.get());
  std::uint8_t* memory = nullptr;
  const int size = avio_close_dyn_buf(context.pb, &memory);
  context.pb = nullptr;
  std::vector<std::uint8_t> bytes(memory, memory + size);
  av_freep(&memory);
  take_libav_error();
  return av::refused(code) ? std::nullopt : std::optional(bytes);
}

struct ReadBytes {
  const std::vector<std::uint8_t>& bytes;
  std::size_t at = 0;
};

int read_bytes(void* opaque, std::uint8_t* to, int most) {
  auto& from = *static_cast<ReadBytes*>(opaque);
  const std::size_t count = std::min(static_cast<std::size_t>(most), from.bytes.size() - from.at);
  if (count == 0) return AVERROR_EOF;
  std::copy_n(from.bytes.data() + from.at, count, to);
  from.at += count;
  return static_cast<int>(count);
}

std::int64_t seek_bytes(void* opaque, std::int64_t offset, int whence) {
  auto& from = *static_cast<ReadBytes*>(opaque);
  const auto size = static_cast<std::int64_t>(from.bytes.size());
  if (whence == AVSEEK_SIZE) return size;
  if (whence == SEEK_CUR) offset += static_cast<std::int64_t>(from.at);
  if (whence == SEEK_END) offset += size;
  if (offset < 0 || offset > size) return AVERROR(EINVAL);
  from.at = static_cast<std::size_t>(offset);
  return offset;
}

}  // namespace

Trial::Trial(std::string container, const AVStream& in, const AVCodecContext* encoder)
    : container_(std::move(container)), in_(in), encoder_(encoder), plain_(header({})) {}

bool Trial::writes(const Change& change) const { return !plain_ || header(change) != plain_; }

bool Trial::reads_back(const Change& change,
                       const std::function<bool(const AVFormatContext&)>& has) const {
  std::optional<Bytes> bytes = header(change);
  if (!bytes) return false;
  // Matroska's reader wants the begin of a cluster after the header.
  constexpr std::array<std::uint8_t, 12> cluster = {0x1f, 0x43, 0xb6, 0x75, 0x01, 0xff,
                                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  if (container_ == "matroska" || container_ == "webm")
    bytes->insert(bytes->end(), cluster.begin(), cluster.end());
  AVFormatContext* context = av::not_null(avformat_alloc_context());
  ReadBytes source{*bytes, 0};
  constexpr int buffer = 4096;
  AVIOContext* io =
      av::not_null(avio_alloc_context(static_cast<unsigned char*>(av::not_null(av_malloc(buffer))),
                                      buffer, 0, &source, read_bytes, nullptr, seek_bytes));
  context->pb = io;
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  const AVInputFormat* reader = av_find_input_format(container_.c_str());
  const int code = reader ? avformat_open_input(&context, nullptr, reader, nullptr) : -1;
  const bool opened = code >= 0;
  const bool found = opened && context->nb_streams > 0 && has(*context);
  if (opened || !reader) avformat_close_input(&context);
  av_freep(&io->buffer);
  avio_context_free(&io);
  take_libav_error();
  av::refused(code);
  return found;
}

std::optional<Trial::Bytes> Trial::header(const Change& change) const {
  AVFormatContext* context = new_output_context(container_);
  const std::unique_ptr<AVFormatContext, void (*)(AVFormatContext*)> owner(context,
                                                                           avformat_free_context);
  if (context->oformat->flags & AVFMT_NOFILE) return std::nullopt;
  AVStream* out =
      encoder_ ? add_encoded_stream(*context, *encoder_, in_) : add_copied_stream(*context, in_);
  out->disposition = 0;
  drop_side_data(*out);
  if (change) change(*context, *out);
  return written_header(*context);
}

std::string lost(const std::string& what, const std::string& container) {
  return fmt::format("{}: {} cannot hold it", what, container);
}

}  // namespace quadrant
