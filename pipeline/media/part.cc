// SPDX-License-Identifier: MIT
#include "pipeline/media/part.h"

#include "pipeline/media/stream_info.h"
#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

struct Mark {
  std::shared_ptr<const Part> part;
  bool is_hidden = false;
};

void free_mark(void*, std::uint8_t* data) { delete reinterpret_cast<Mark*>(data); }

const Mark* mark_of(const AVPacket& packet) {
  return packet.opaque_ref ? reinterpret_cast<const Mark*>(packet.opaque_ref->data) : nullptr;
}

}  // namespace

void mark(AVPacket& packet, std::shared_ptr<const Part> part, bool is_hidden) {
  auto made = std::make_unique<Mark>(Mark{std::move(part), is_hidden});
  av_buffer_unref(&packet.opaque_ref);
  packet.opaque_ref = av::not_null(av_buffer_create(reinterpret_cast<std::uint8_t*>(made.get()),
                                                    sizeof(Mark), free_mark, nullptr, 0));
  static_cast<void>(made.release());
}

std::shared_ptr<const Part> part_of(const AVPacket& packet) {
  const Mark* found = mark_of(packet);
  return found ? found->part : nullptr;
}

bool is_hidden(const AVPacket& packet) {
  const Mark* found = mark_of(packet);
  return found && found->is_hidden;
}

MadeContext make_context(const char* name, const AVFormatContext& other) {
  MadeContext made(av::not_null(avformat_alloc_context()));
  const AVInputFormat* demuxer = av_find_input_format(name);
  made->iformat = demuxer ? demuxer : other.iformat;
  made->start_time = 0;
  return made;
}

AVStream& add_stream_like(AVFormatContext& context, const AVStream& other, AVRational time_base) {
  AVStream& made = *av::not_null(avformat_new_stream(&context, nullptr));
  av::check(avcodec_parameters_copy(made.codecpar, other.codecpar), "stream");
  copy_stream_side_data(made, other);
  av_dict_copy(&made.metadata, other.metadata, 0);
  made.id = other.id;
  made.time_base = time_base;
  made.disposition = other.disposition;
  made.sample_aspect_ratio = other.sample_aspect_ratio;
  made.avg_frame_rate = other.avg_frame_rate;
  made.r_frame_rate = other.r_frame_rate;
  made.event_flags = other.event_flags;
  made.start_time = AV_NOPTS_VALUE;
  made.duration = AV_NOPTS_VALUE;
  made.nb_frames = other.nb_frames;
  return made;
}

av::FramePtr properties_of(const AVFrame* frame) {
  if (!frame) return nullptr;
  av::FramePtr made = av::make_frame();
  av::check(av_frame_copy_props(made.get(), frame), "frame");
  return made;
}

}  // namespace quadrant
