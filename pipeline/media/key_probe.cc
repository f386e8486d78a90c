// SPDX-License-Identifier: MIT
#include "pipeline/media/key_probe.h"

#include <algorithm>
#include <memory>

#include "pipeline/media/log.h"

namespace quadrant {
namespace {

// Parameter sets, messages and the header of a picture's first slice are at the start, and parsers
// stop there. If these do not fit, or a parser looks at all slices, the whole packet is read.
constexpr std::int64_t front_bytes = 2048;

struct CloseParser {
  void operator()(AVCodecParserContext* parser) const { av_parser_close(parser); }
};

}  // namespace

bool KeyProbe::serves(AVCodecID codec) {
  return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC;
}

KeyProbe::KeyProbe(const SkippingReader& file, const AVStream& stream)
    : file_(file), codec_(av::not_null(avcodec_alloc_context3(nullptr))) {
  av::check(avcodec_parameters_to_context(codec_.get(), stream.codecpar), "parser");
}

// The parser gets a packet of the real size, since it contains lengths, with zeros for the rest.
KeyProbe::Found KeyProbe::look(ByteRange packet, std::int64_t read_bytes) {
  const std::int64_t bytes = packet.end - packet.begin;
  data_.assign(static_cast<std::size_t>(bytes) + AV_INPUT_BUFFER_PADDING_SIZE, 0);
  if (file_.read_at(packet.begin, data_.data(), read_bytes) < read_bytes) return Found::nothing;
  // A new parser for each packet, as for a segment's reader after its seek, so that the answer does
  // not depend on earlier calls.
  const std::unique_ptr<AVCodecParserContext, CloseParser> parser(
      av::not_null(av_parser_init(codec_->codec_id)));
  parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
  std::uint8_t* out = nullptr;
  int out_bytes = 0;
  take_diagnostics();
  av_parser_parse2(parser.get(), codec_.get(), &out, &out_bytes, data_.data(),
                   static_cast<int>(bytes), AV_NOPTS_VALUE, AV_NOPTS_VALUE, packet.begin);
  if (take_diagnostics().lines > 0) return Found::nothing;
  const bool intra = parser->key_frame == -1 && parser->pict_type == AV_PICTURE_TYPE_I;
  return parser->key_frame == 1 || intra ? Found::key : Found::no_key;
}

bool KeyProbe::is_key(ByteRange packet) {
  const std::int64_t bytes = packet.end - packet.begin;
  Found found = look(packet, std::min(bytes, front_bytes));
  if (found == Found::nothing && bytes > front_bytes) found = look(packet, bytes);
  if (found == Found::nothing) throw IndexDoubt();
  return found == Found::key;
}

}  // namespace quadrant
