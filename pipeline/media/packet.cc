// SPDX-License-Identifier: MIT
#include "pipeline/media/packet.h"

#include "pipeline/media/av.h"
#include "pipeline/media/part.h"

namespace quadrant {

int Packet::stream() const { return av_->stream_index; }
std::int64_t Packet::bytes() const { return av_->size; }
bool Packet::is_hidden() const { return quadrant::is_hidden(*av_); }
std::optional<std::int64_t> Packet::pts() const {
  return av_->pts == AV_NOPTS_VALUE ? std::nullopt : std::optional(av_->pts);
}

}  // namespace quadrant
