// SPDX-License-Identifier: MIT
#include "pipeline/media/trial.h"

#include "pipeline/media/log.h"
#include "pipeline/media/mux_streams.h"

namespace quadrant {
namespace {

// The written header; nothing if the muxer refuses.
std::optional<std::vector<std::uint8_t>> written_header(AVFormatContext& context) {
  if (avio_open_dyn_buf(&context.pb) < 0) return std::nullopt;
  av::Dictionary options;
  options.set("movflags", "empty_moov");  // otherwise MP4 writes nothing before the trailer
  const bool taken = avformat_write_header(&context, options.get()) >= 0;
  std::uint8_t* memory = nullptr;
  const int size = avio_close_dyn_buf(context.pb, &memory);
  context.pb = nullptr;
  std::vector<std::uint8_t> bytes(memory, memory + size);
  av_freep(&memory);
  take_libav_error();
  return taken ? std::optional(bytes) : std::nullopt;
}

}  // namespace

Trial::Trial(std::string container, const AVStream& in, const AVCodecContext* encoder)
    : container_(std::move(container)), in_(in), encoder_(encoder), plain_(header({})) {}

bool Trial::writes(const Change& change) const { return !plain_ || header(change) != plain_; }

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
