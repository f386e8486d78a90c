// SPDX-License-Identifier: MIT
// Writes a header into memory, to see which of a stream's properties it keeps. Only the files about
// losses include this.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/media/av.h"

namespace quadrant {

// A file with one stream, as the output will have it.
class Trial {
 public:
  using Change = std::function<void(AVFormatContext&, AVStream&)>;

  // `encoder` is null for a copied stream.
  Trial(std::string container, const AVStream& in, const AVCodecContext* encoder);

  // False only if the header certainly contains nothing of what `change` does.
  bool writes(const Change& change) const;
  // Does libavformat's reader find what `change` does in the header? False where it cannot read it.
  bool reads_back(const Change& change,
                  const std::function<bool(const AVFormatContext&)>& has) const;

 private:
  using Bytes = std::vector<std::uint8_t>;
  std::optional<Bytes> header(const Change& change) const;

  std::string container_;
  const AVStream& in_;
  const AVCodecContext* encoder_;
  std::optional<Bytes> plain_;
};

// "language ger: lost, avi does not hold it"
std::string lost(const std::string& what, const std::string& container);

}  // namespace quadrant
