// SPDX-License-Identifier: MIT
// An input as a job names it: what to open, how to read it, and what of it to take.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quadrant {

// By what the pictures of a film are ordered: the numbers and words of their names, or the time at
// which each was taken.
enum class PictureOrder { name, time };
inline constexpr std::array all_picture_orders{PictureOrder::name, PictureOrder::time};
std::string_view name_of(PictureOrder order);

// What becomes of a hole in the numbers of pictures; repeat: the picture before it is shown again.
enum class MissingPictures { fail, skip, repeat };
inline constexpr std::array all_missing_pictures{MissingPictures::fail, MissingPictures::skip,
                                                 MissingPictures::repeat};
std::string_view name_of(MissingPictures rule);

struct InputSpec;

// What is taken of an input, and how, where its name does not tell. Times are in seconds of the
// input's own clock, which starts at 0.
struct Selection {
  double start = 0;           // the first moment that is taken
  std::optional<double> end;  // the first moment that is not; nullopt: all that follows
  std::optional<int> video;   // the stream to process, by its number; nullopt: the largest
  // Streams by number or language; empty: all; only "none": none.
  std::vector<std::string> audio, subtitles;

  // The name is a glob or a pattern with a number, and what it names is one film.
  bool is_sequence = false;
  PictureOrder order = PictureOrder::name;
  MissingPictures missing = MissingPictures::fail;
  // Inputs one after the other; the name is the first one's.
  std::vector<InputSpec> joined;
  // A demuxer of libavformat, for bytes that do not tell what they are; of raw video the size and
  // the pixel format, too. Empty: not given.
  std::string format, size, pixel_format;
  std::string rate;  // of a sequence or raw video; empty: 25

  bool is_trimmed() const { return start > 0 || end; }
  friend bool operator==(const Selection&, const Selection&);
};

struct InputSpec {
  std::string name;  // a file, glob, URL, image sequence, "-" or "lavfi:GRAPH"
  Selection taken;
  double speed = 1;  // of the job, to play it at; no part of what names an input

  InputSpec();
  InputSpec(std::string all);  // NOLINT: a name alone is an input
  InputSpec(const char* all);  // NOLINT
  InputSpec(std::string of, Selection what);
  friend bool operator==(const InputSpec&, const InputSpec&) = default;
};

// 25, 29.97 or 30000/1001 as numerator and denominator; nothing for any other text.
std::optional<std::pair<int, int>> to_rate(std::string_view text);
// 640x360; nothing for any other text.
std::optional<std::pair<int, int>> to_picture_size(std::string_view text);

}  // namespace quadrant
