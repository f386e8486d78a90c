// SPDX-License-Identifier: MIT
#include "pipeline/media/subtitle.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <string_view>

#include "pipeline/media/av.h"
#include "pipeline/media/log.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

constexpr AVRational milliseconds = {1, 1000};  // libavcodec's own precision for subtitles
constexpr int most_coded_bytes = 1 << 20;       // of one coded subtitle, as in FFmpeg

// What a container does with subtitles that are shown at once.
bool shows_one_at_a_time(AVCodecID codec) { return codec == AV_CODEC_ID_MOV_TEXT; }

bool is_ass(AVCodecID codec) { return codec == AV_CODEC_ID_ASS || codec == AV_CODEC_ID_SSA; }

// The overrides of ASS ("{\b1}" is "b") that libavcodec's encoder turns into something.
std::vector<std::string_view> kept_overrides(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_WEBVTT: return {"b", "i", "u", "r"};
    case AV_CODEC_ID_MOV_TEXT: return {"b", "i", "u", "r", "c", "1c", "alpha", "1a", "fn", "fs"};
    case AV_CODEC_ID_SUBRIP: return {"b", "i", "u", "s", "r", "c", "1c", "fn", "fs", "an", "a"};
    default: return {};
  }
}

// "1c" of "1c&HFF&", "fn" of "fnArial": a digit, letters, and no argument.
std::string_view name_of_override(std::string_view text) {
  if (text.starts_with("fn")) return text.substr(0, 2);
  std::size_t end = !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) ? 1 : 0;
  while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end]))) ++end;
  return text.substr(0, end);
}

bool drops_styling(std::string_view text, AVCodecID codec) {
  if (is_ass(codec)) return false;
  const std::vector<std::string_view> kept = kept_overrides(codec);
  for (std::size_t open = text.find('{'); open != std::string_view::npos;) {
    const std::size_t close = std::min(text.find('}', open), text.size());
    for (std::size_t at = text.find('\\', open); at < close; at = text.find('\\', at + 1)) {
      const std::string_view name = name_of_override(text.substr(at + 1, close - at - 1));
      if (!name.empty() && std::ranges::find(kept, name) == kept.end()) return true;
    }
    open = text.find('{', close);
  }
  return false;
}

// An event of ASS as libavcodec passes it on: "ReadOrder,Layer,Style,Name,L,R,V,Effect,Text".
struct Event {
  std::string fields, text;
};

Event event_of(std::string_view line) {
  constexpr int commas = 8;
  std::size_t at = 0;
  for (int i = 0; i < commas && at != std::string_view::npos; ++i)
    at = line.find(',', i == 0 ? 0 : at + 1);
  if (at == std::string_view::npos) return {"", std::string(line)};
  return {std::string(line.substr(0, at + 1)), std::string(line.substr(at + 1))};
}

av::CodecPtr open_decoder(const AVStream& in, const std::string& name) {
  const AVCodec* codec = avcodec_find_decoder(in.codecpar->codec_id);
  if (!codec)
    fail(Fault::input, "{}: no decoder for {}", name, avcodec_get_name(in.codecpar->codec_id));
  av::CodecPtr decoder(av::not_null(avcodec_alloc_context3(codec)));
  av::check(avcodec_parameters_to_context(decoder.get(), in.codecpar), name);
  decoder->pkt_timebase = in.time_base;
  av::check(avcodec_open2(decoder.get(), codec, nullptr), name);
  return decoder;
}

std::string_view header_of(const AVCodecContext& codec) {
  if (!codec.subtitle_header) return {};
  return {reinterpret_cast<const char*>(codec.subtitle_header),
          static_cast<std::size_t>(codec.subtitle_header_size)};
}

// The styles that a header of ASS declares.
std::vector<std::string> styles_in(std::string_view header) {
  std::vector<std::string> styles;
  for (std::size_t at = header.find("Style:"); at != std::string_view::npos;
       at = header.find("Style:", at + 1))
    styles.emplace_back(header.substr(at, header.find_first_of("\r\n", at) - at));
  return styles;
}

// The style that libavcodec declares for subtitles that have none, which it writes into ASS too.
std::vector<std::string> plain_styles() {
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_SUBRIP);
  const av::CodecPtr decoder(codec ? avcodec_alloc_context3(codec) : nullptr);
  if (!decoder || avcodec_open2(decoder.get(), codec, nullptr) < 0) return {};
  return styles_in(header_of(*decoder));
}

std::string text_of(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_MOV_TEXT: return "bold, italics, underlining, colour, font and size";
    case AV_CODEC_ID_WEBVTT: return "bold, italics and underlining";
    default: return "the text";
  }
}

}  // namespace

struct SubtitleTranscoder::Impl {
  struct Cue {  // milliseconds
    std::int64_t begin = 0, end = 0;
    Event event;
  };

  std::string name;  // for messages
  int stream = 0;
  bool has_lost_styling = false;  // which the plan told
  av::CodecPtr decoder, encoder;
  std::vector<Cue> shown;  // begun, and their ends were not reached yet
  std::int64_t now = 0;    // everything before it was emitted
  std::map<std::string, std::int64_t> lost;

  void open_encoder(const AVCodec& codec, bool global_header);
  bool decode(const AVPacket& packet, const EmitPacket& emit);
  void take(const AVSubtitle& decoded, const AVPacket& packet, const EmitPacket& emit);
  void count_styling(const std::string& text, const AVPacket& packet);
  void show(Cue cue, const EmitPacket& emit);
  void show_until(std::int64_t time, const EmitPacket& emit);
  void encode(const Cue& cue, const EmitPacket& emit);
};

SubtitleTranscoder::SubtitleTranscoder(const Input& input, int stream, const std::string& encoder,
                                       bool global_header)
    : impl_(std::make_unique<Impl>()) {
  take_libav_error();
  impl_->name = fmt::format("{}: subtitle stream #{}", input.info().name, stream);
  impl_->stream = stream;
  impl_->has_lost_styling = !lost_styling(input, stream, encoder).empty();
  impl_->decoder = open_decoder(*input.av()->streams[stream], impl_->name);
  impl_->decoder->pkt_timebase = av::to_av(input.time_base(stream));
  impl_->open_encoder(*avcodec_find_encoder_by_name(encoder.c_str()), global_header);
}

SubtitleTranscoder::~SubtitleTranscoder() = default;
const AVCodecContext& SubtitleTranscoder::av() const { return *impl_->encoder; }
void SubtitleTranscoder::add_findings(Findings& found) {
  found.add({.subtitles = std::exchange(impl_->lost, {})});
}

// Encoders of text want the header of ASS that the decoder made.
void SubtitleTranscoder::Impl::open_encoder(const AVCodec& codec, bool global_header) {
  encoder.reset(av::not_null(avcodec_alloc_context3(&codec)));
  encoder->time_base = milliseconds;
  encoder->flags |= AV_CODEC_FLAG_BITEXACT;
  if (global_header) encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  const std::string_view header = header_of(*decoder);
  encoder->subtitle_header =
      static_cast<std::uint8_t*>(av::not_null(av_mallocz(header.size() + 1)));
  std::ranges::copy(header, encoder->subtitle_header);
  encoder->subtitle_header_size = static_cast<int>(header.size());
  if (const int code = avcodec_open2(encoder.get(), &codec, nullptr); code < 0) {
    const std::string reason = take_libav_error();
    fail(av::fault_of(code), "{}: {} does not take it: {}", name, codec.name,
         reason.empty() ? av::error_text(code) : reason);
  }
}

void SubtitleTranscoder::transcode(const Packet& packet, const EmitPacket& emit) {
  if (packet) {
    impl_->decode(*packet.av(), emit);
    return;
  }
  const av::PacketPtr nothing = av::make_packet();  // some decoders hold the last one back
  while (impl_->decoder->codec->capabilities & AV_CODEC_CAP_DELAY &&
         impl_->decode(*nothing, emit)) {
  }
  impl_->show_until(INT64_MAX, emit);
}

bool SubtitleTranscoder::Impl::decode(const AVPacket& packet, const EmitPacket& emit) {
  AVSubtitle decoded{};
  int got = 0;
  const av::PacketPtr copy(av::not_null(av_packet_clone(&packet)));
  const int code = avcodec_decode_subtitle2(decoder.get(), &decoded, &got, copy.get());
  if (av::refused(code)) {
    const std::string reason = take_libav_error();
    ++lost[fmt::format("#{} subtitle: cannot be decoded, left out: {}", stream,
                       reason.empty() ? av::error_text(code) : reason)];
    return false;
  }
  if (got) take(decoded, packet, emit);
  if (got) avsubtitle_free(&decoded);
  return got != 0;
}

// An event without text clears the picture, which the duration before it does.
void SubtitleTranscoder::Impl::take(const AVSubtitle& decoded, const AVPacket& packet,
                                    const EmitPacket& emit) {
  if (decoded.num_rects == 0) return;
  constexpr std::uint32_t unknown = UINT32_MAX;
  std::int64_t begin =
      decoded.pts == AV_NOPTS_VALUE ? now : rescaled(decoded.pts, AV_TIME_BASE_Q, milliseconds);
  std::int64_t length =
      packet.duration > 0 ? rescaled(packet.duration, decoder->pkt_timebase, milliseconds) : 0;
  if (decoded.end_display_time > decoded.start_display_time && decoded.end_display_time != unknown)
    length = decoded.end_display_time - decoded.start_display_time;
  begin = plus(begin, decoded.start_display_time);
  for (unsigned i = 0; i < decoded.num_rects; ++i) {
    if (!decoded.rects[i]->ass) continue;
    Cue cue{begin, plus(begin, length), event_of(decoded.rects[i]->ass)};
    count_styling(cue.event.text, packet);
    show(std::move(cue), emit);
  }
}

void SubtitleTranscoder::Impl::count_styling(const std::string& text, const AVPacket& packet) {
  const AVCodecID codec = encoder->codec_id;
  const bool settings = codec != AV_CODEC_ID_WEBVTT &&
                        av_packet_get_side_data(&packet, AV_PKT_DATA_WEBVTT_SETTINGS, nullptr);
  if (has_lost_styling || (!settings && !drops_styling(text, codec))) return;
  ++lost[fmt::format("#{} subtitle: styling that {} does not hold", stream,
                     avcodec_get_name(codec))];
}

// Where only one subtitle is shown at a time, those that overlap are shown as one while they do.
void SubtitleTranscoder::Impl::show(Cue cue, const EmitPacket& emit) {
  if (!shows_one_at_a_time(encoder->codec_id) || cue.end <= cue.begin) return encode(cue, emit);
  cue.begin = std::max(cue.begin, now);
  if (cue.end <= cue.begin) return;
  show_until(cue.begin, emit);
  shown.push_back(std::move(cue));
}

void SubtitleTranscoder::Impl::show_until(std::int64_t time, const EmitPacket& emit) {
  while (!shown.empty() && now < time) {
    Cue together = shown.front();
    together.begin = std::max(now, together.begin);
    together.end = std::min(time, std::ranges::min_element(shown, {}, &Cue::end)->end);
    for (std::size_t i = 1; i < shown.size(); ++i)
      together.event.text += "{\\r}\\N" + shown[i].event.text;
    encode(together, emit);
    now = together.end;
    std::erase_if(shown, [this](const Cue& cue) { return cue.end <= now; });
  }
  if (time != INT64_MAX) now = std::max(now, time);
}

void SubtitleTranscoder::Impl::encode(const Cue& cue, const EmitPacket& emit) {
  std::string line = cue.event.fields + cue.event.text;
  AVSubtitleRect rect{};
  AVSubtitleRect* rects = &rect;
  rect.type = SUBTITLE_ASS;
  rect.ass = line.data();
  AVSubtitle subtitle{};
  subtitle.format = 1;  // text
  subtitle.num_rects = 1;
  subtitle.rects = &rects;
  subtitle.pts = rescaled(cue.begin, milliseconds, AV_TIME_BASE_Q);
  subtitle.end_display_time = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(minus(cue.end, cue.begin), 0, UINT32_MAX - 1));
  std::vector<std::uint8_t> bytes(most_coded_bytes);
  const int size =
      avcodec_encode_subtitle(encoder.get(), bytes.data(), most_coded_bytes, &subtitle);
  if (size == AVERROR(ENOMEM)) av::check(size, name);
  if (size < 0)
    ++lost[fmt::format("#{} subtitle: cannot be written as {}: {}", stream,
                       avcodec_get_name(encoder->codec_id), av::error_text(size))];
  if (size <= 0) return;
  std::shared_ptr<AVPacket> packet = av::make_packet();
  av::check(av_new_packet(packet.get(), size), name);
  std::memcpy(packet->data, bytes.data(), static_cast<std::size_t>(size));
  packet->pts = packet->dts = cue.begin;
  packet->duration = minus(cue.end, cue.begin);
  packet->flags |= AV_PKT_FLAG_KEY;
  packet->stream_index = stream;
  emit(Packet(std::move(packet)));
}

std::string lost_styling(const Input& input, int stream, const std::string& encoder) {
  const AVStream& in = *input.av()->streams[stream];
  const AVCodecID to = avcodec_find_encoder_by_name(encoder.c_str())->id;
  if (!is_ass(in.codecpar->codec_id) || is_ass(to)) return "";
  const std::string_view header(reinterpret_cast<const char*>(in.codecpar->extradata),
                                static_cast<std::size_t>(in.codecpar->extradata_size));
  if (styles_in(header) == plain_styles()) return "";
  return fmt::format("styling: {} holds {} only", avcodec_get_name(to), text_of(to));
}

}  // namespace quadrant
