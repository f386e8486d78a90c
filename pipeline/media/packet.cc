// SPDX-License-Identifier: MIT
#include "pipeline/media/packet.h"

#include "pipeline/media/av.h"

namespace quadrant {

int Packet::stream() const { return av_->stream_index; }
std::int64_t Packet::bytes() const { return av_->size; }

}  // namespace quadrant
