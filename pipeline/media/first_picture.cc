// SPDX-License-Identifier: MIT
#include "pipeline/media/first_picture.h"

#include <algorithm>
#include <array>
#include <cstring>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include "pipeline/media/log.h"
#include "pipeline/media/orientation.h"
#include "pipeline/media/stream_info.h"

namespace quadrant {
namespace {

constexpr int most_packets = 500;
constexpr std::int64_t most_bytes = 64 << 20;  // the packets are held until they are asked for

void adopt_side_data(AVStream& stream, const AVFrame& frame, AVFrameSideDataType from,
                     AVPacketSideDataType to) {
  const AVFrameSideData* found = av_frame_get_side_data(&frame, from);
  if (found && !stream_side_data(stream, to)) add_side_data(stream, to, {found->data, found->size});
}

// EXIF's tag, if the decoder made no matrix of it.
void adopt_orientation(AVStream& stream, const AVFrame& frame) {
  const Orientation told = orientation_of(frame);
  if (told.upright() || stream_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX)) return;
  const std::array<std::int32_t, 9> matrix = matrix_of(told);
  add_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX,
                {reinterpret_cast<const std::uint8_t*>(matrix.data()), sizeof(matrix)});
}

// Not of interest by themselves: they describe how the samples are stored.
bool is_technical(std::string_view tag) {
  constexpr std::array names = {"Orientation",    "XResolution",      "YResolution",
                                "ResolutionUnit", "YCbCrPositioning", "ComponentsConfiguration",
                                "ExifVersion",    "FlashpixVersion",  "ColorSpace",
                                "GPSVersionID",   "PixelXDimension",  "PixelYDimension"};
  return std::ranges::find(names, tag) != names.end() || tag.starts_with("0x");
}

std::size_t big_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

// VP8 tells them in the first picture only. What the stream says counts more.
void adopt_colour(AVCodecParameters& stream, const AVFrame& frame) {
  if (stream.color_range == AVCOL_RANGE_UNSPECIFIED) stream.color_range = frame.color_range;
  if (stream.color_primaries == AVCOL_PRI_UNSPECIFIED)
    stream.color_primaries = frame.color_primaries;
  if (stream.color_trc == AVCOL_TRC_UNSPECIFIED) stream.color_trc = frame.color_trc;
  if (stream.color_space == AVCOL_SPC_UNSPECIFIED) stream.color_space = frame.colorspace;
}

// Everything before the scan's data, and a little of that; 0 if there is no segment of EXIF or of
// an ICC profile (ISO/IEC 10918-1, annex B).
std::size_t size_of_jpeg_header(std::string_view bytes) {
  constexpr std::size_t some_data = 1024;
  bool tells = false;
  for (std::size_t at = 2; at + 4 <= bytes.size() && bytes[at] == '\xff';) {
    const std::size_t length = big_endian(bytes.substr(at + 2, 2));
    if (bytes[at + 1] == '\xda')
      return tells ? std::min(bytes.size(), at + 2 + length + some_data) : 0;
    const std::string_view content = bytes.substr(at + 4);
    tells = tells || (bytes[at + 1] == '\xe1' && content.starts_with("Exif")) ||
            (bytes[at + 1] == '\xe2' && content.starts_with("ICC_PROFILE"));
    at += 2 + length;
  }
  return 0;
}

// Is there a chunk of text, EXIF or an ICC profile (PNG specification, 11.3)?
bool png_tells(std::string_view bytes) {
  for (std::size_t at = 8; at + 8 <= bytes.size();) {
    const std::string_view type = bytes.substr(at + 4, 4);
    if (type == "tEXt" || type == "zTXt" || type == "iTXt" || type == "eXIf" || type == "iCCP")
      return true;
    at += 12 + big_endian(bytes.substr(at, 4));
  }
  return false;
}

av::CodecPtr decoder_for(const AVStream& stream) {
  const AVCodec* decoder = avcodec_find_decoder(stream.codecpar->codec_id);
  if (!decoder) return nullptr;
  av::CodecPtr codec(av::not_null(avcodec_alloc_context3(decoder)));
  codec->thread_count = 1;
  if (avcodec_parameters_to_context(codec.get(), stream.codecpar) < 0) return nullptr;
  codec->lowres = decoder->max_lowres;
  codec->flags |= AV_CODEC_FLAG_LOW_DELAY;  // the first one decoded will do
  return avcodec_open2(codec.get(), decoder, nullptr) < 0 ? nullptr : std::move(codec);
}

av::FramePtr first_frame(const AVStream& stream, const NextPacket& next) {
  const av::CodecPtr codec = decoder_for(stream);
  av::FramePtr frame = av::make_frame();
  std::int64_t bytes = 0;
  for (int i = 0; codec && i < most_packets && bytes < most_bytes; ++i) {
    const AVPacket* packet = next();
    bytes += packet ? packet->size : 0;
    if (packet && packet->stream_index != stream.index) continue;
    if (avcodec_send_packet(codec.get(), packet) < 0 && packet) continue;
    if (avcodec_receive_frame(codec.get(), frame.get()) >= 0) return frame;
    if (!packet) break;
  }
  return nullptr;
}

// A photograph is decoded twice only if it tells something, and of a JPEG only the beginning.
av::PacketPtr what_tells(const AVStream& stream, const AVPacket& photograph) {
  const std::string_view bytes(reinterpret_cast<const char*>(photograph.data),
                               static_cast<std::size_t>(photograph.size));
  const AVCodecID codec = stream.codecpar->codec_id;
  std::size_t size = bytes.size();
  if (codec == AV_CODEC_ID_MJPEG) size = size_of_jpeg_header(bytes);
  const bool may_be_transparent = PixelFormat(stream.codecpar->format).has_alpha();
  if (codec == AV_CODEC_ID_PNG && !may_be_transparent && !png_tells(bytes)) size = 0;
  if (size == 0) return nullptr;
  av::PacketPtr packet = av::make_packet();
  av::check(av_new_packet(packet.get(), static_cast<int>(size)), "packet");
  std::memcpy(packet->data, bytes.data(), size);
  packet->stream_index = stream.index;
  return packet;
}

bool is_opaque_palette(const AVFrame& frame) {
  const auto* colours = reinterpret_cast<const std::uint32_t*>(frame.data[1]);
  return std::all_of(colours, colours + 256, [](std::uint32_t argb) { return argb >> 24 == 255; });
}

FirstPicture described(av::FramePtr frame) {
  FirstPicture first;
  if (!frame) return first;
  first.opaque = is_opaque(*frame);
  first.properties = av::make_frame();
  av::check(av_frame_copy_props(first.properties.get(), frame.get()), "frame");
  return first;
}

}  // namespace

bool is_opaque(const AVFrame& frame) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (!format || !(format->flags & AV_PIX_FMT_FLAG_ALPHA)) return false;
  if (format->flags & AV_PIX_FMT_FLAG_PAL) return is_opaque_palette(frame);
  if (format->flags & (AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_FLOAT)) return false;
  const AVComponentDescriptor& alpha = format->comp[format->nb_components - 1];
  const unsigned full = (1U << alpha.depth) - 1;
  std::vector<std::uint16_t> row(static_cast<std::size_t>(frame.width));
  std::array<const std::uint8_t*, 4> planes;
  std::copy_n(frame.data, planes.size(), planes.begin());
  for (int y = 0; y < frame.height; ++y) {
    av_read_image_line2(row.data(), planes.data(), frame.linesize, format, 0, y,
                        format->nb_components - 1, frame.width, 0, sizeof(std::uint16_t));
    if (std::ranges::any_of(row, [full](std::uint16_t sample) { return sample != full; }))
      return false;
  }
  return true;
}

FirstPicture look_at_film(AVStream& stream, const NextPacket& next) {
  FirstPicture first = described(first_frame(stream, next));
  quadrant::take_diagnostics();  // whoever decodes it tells them
  if (!first.properties) return first;
  const AVFrame& frame = *first.properties;
  if (stream.codecpar->color_trc == AVCOL_TRC_SMPTE2084) {
    adopt_side_data(stream, frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
                    AV_PKT_DATA_MASTERING_DISPLAY_METADATA);
    adopt_side_data(stream, frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
                    AV_PKT_DATA_CONTENT_LIGHT_LEVEL);
  }
  adopt_side_data(stream, frame, AV_FRAME_DATA_ICC_PROFILE, AV_PKT_DATA_ICC_PROFILE);
  adopt_colour(*stream.codecpar, frame);
  return first;
}

FirstPicture look_at_photograph(AVStream& stream, const NextPacket& next) {
  const AVPacket* whole = next();
  const av::PacketPtr packet = whole ? what_tells(stream, *whole) : nullptr;
  if (!packet) return {};
  int given = 0;
  FirstPicture first =
      described(first_frame(stream, [&] { return given++ == 0 ? packet.get() : nullptr; }));
  quadrant::take_diagnostics();  // that the picture is cut off
  if (!first.properties) return first;
  adopt_orientation(stream, *first.properties);
  adopt_side_data(stream, *first.properties, AV_FRAME_DATA_ICC_PROFILE, AV_PKT_DATA_ICC_PROFILE);
  const AVDictionaryEntry* tag = nullptr;
  while ((tag = av_dict_get(first.properties->metadata, "", tag, AV_DICT_IGNORE_SUFFIX)) != nullptr)
    if (!is_technical(tag->key)) first.tags.emplace_back(tag->key);
  return first;
}

}  // namespace quadrant
