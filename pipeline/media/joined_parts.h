// SPDX-License-Identifier: MIT
// The parts of a joined input: which streams become one, when each part begins, and what differs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/media/described_input.h"

namespace quadrant {

// A stream of the whole, and which stream of each part it is; -1: the part has none.
struct JoinedStream {
  std::vector<int> of_part;
  std::size_t like = 0;  // the first part that has it
};

class JoinedParts {
 public:
  // Throws as describe() does.
  JoinedParts(const std::vector<InputSpec>& parts, const StopFlag& stop);

  std::size_t size() const { return described.size(); }
  const std::string& name(std::size_t k) const { return described[k]->spec.name; }
  // The stream of part `k` that is the stream `i` of the whole; like it, if the part has none.
  const AVStream& inner(std::size_t k, std::size_t i) const;
  // The part must have it.
  const StreamInfo& info(std::size_t k, std::size_t i) const;
  // When part `k` begins, in ticks of a stream of the whole.
  std::int64_t begin(std::size_t k, std::size_t i) const;
  // What part `k` takes of its own clock, on the whole's.
  Input::Ticks shown(std::size_t k, Input::Ticks taken, AVRational own, AVRational tick) const;

  // The whole's streams, with the codecs of part `k`.
  MadeContext context(std::size_t k) const;
  std::shared_ptr<const Part> make_part(std::size_t k) const;
  // Of the whole, called `name`, with what differs in its notes and losses.
  InputInfo describe_whole(const std::string& name) const;
  void add_chapters(AVFormatContext& whole) const;

  std::vector<std::shared_ptr<const DescribedInput>> described;
  std::vector<std::int64_t> begins;  // AV_TIME_BASE ticks
  std::int64_t end = 0;
  std::vector<JoinedStream> streams;   // the first is the video
  std::vector<AVRational> time_bases;  // of the streams

 private:
  StreamInfo stream_info(std::size_t i) const;
  bool turn_differently() const;
};

// `time` of AV_TIME_BASE in another unit; an end stays an end.
std::int64_t in_ticks(std::int64_t time, AVRational time_base);

}  // namespace quadrant
