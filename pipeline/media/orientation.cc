// SPDX-License-Identifier: MIT
#include "pipeline/media/orientation.h"

#include <cmath>
#include <cstdlib>
#include <numbers>

#include "pipeline/contract/stage.h"
#include "pipeline/media/filter_graph.h"
#include "pipeline/media/stream_info.h"

namespace quadrant {
namespace {

// EXIF's values 1 to 8.
constexpr std::array<Orientation, 8> exif_orientations{{{0, false},
                                                        {0, true},
                                                        {180, false},
                                                        {180, true},
                                                        {270, true},
                                                        {90, false},
                                                        {90, true},
                                                        {270, false}}};

std::string filters_for(Orientation turn) {
  const std::string mirror = turn.mirrored ? "hflip," : "";
  switch (turn.degrees) {
    case 90: return mirror + "transpose=clock";
    case 180: return mirror + "hflip,vflip";
    case 270: return mirror + "transpose=cclock";
    default: return mirror + "null";
  }
}

}  // namespace

// The matrix maps the stored x axis to (m[0], m[1]) and the y axis to (m[3], m[4]); y points down.
std::optional<Orientation> orientation_of(const std::int32_t* matrix) {
  const double a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  const double determinant = a * d - b * c;
  if (determinant == 0) return std::nullopt;
  const bool mirrored = determinant < 0;
  const double degrees =
      (mirrored ? std::atan2(-b, -a) : std::atan2(b, a)) * 180 / std::numbers::pi;
  const long quarters = std::lround(degrees / 90);
  constexpr double most_degrees_off = 1;  // as FFmpeg's autorotate
  if (std::abs(degrees - 90.0 * static_cast<double>(quarters)) > most_degrees_off)
    return std::nullopt;
  return Orientation{static_cast<int>((quarters + 4) % 4) * 90, mirrored};
}

std::optional<Orientation> orientation_of(const AVStream& stream) {
  const std::uint8_t* matrix = stream_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX);
  return matrix ? orientation_of(reinterpret_cast<const std::int32_t*>(matrix)) : std::nullopt;
}

std::array<std::int32_t, 9> matrix_of(Orientation orientation) {
  constexpr std::int32_t one = 1 << 16, one_of_third_column = 1 << 30;
  const std::int32_t across = orientation.degrees == 0     ? one
                              : orientation.degrees == 180 ? -one
                                                           : 0;
  const std::int32_t down = orientation.degrees == 90 ? one : orientation.degrees == 270 ? -one : 0;
  const int x = orientation.mirrored ? -1 : 1;
  return {x * across, x * down, 0, -down, across, 0, 0, 0, one_of_third_column};
}

Orientation orientation_of(const AVFrame& frame) {
  if (const AVFrameSideData* matrix = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX))
    return orientation_of(reinterpret_cast<const std::int32_t*>(matrix->data))
        .value_or(Orientation{});
  const AVDictionaryEntry* exif = av_dict_get(frame.metadata, "Orientation", nullptr, 0);
  const long value = exif ? std::strtol(exif->value, nullptr, 10) : 1;
  const auto index = static_cast<std::size_t>(value - 1);
  return index < exif_orientations.size() ? exif_orientations[index] : Orientation{};
}

Frame turned(const Frame& frame, Orientation turn) {
  FilterGraph graph(frame.format(), filters_for(turn), one_after_another());
  graph.push(frame);
  Frame out = graph.pull();
  av_frame_remove_side_data(out.av(), AV_FRAME_DATA_DISPLAYMATRIX);
  return out;
}

}  // namespace quadrant
