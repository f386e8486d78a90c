// SPDX-License-Identifier: MIT
// The output format of a filter chain, including colour and fields.
#include <algorithm>

#include "pipeline/contract/frame.h"
#include "pipeline/contract/stage.h"
#include "pipeline/media/av.h"
#include "pipeline/media/filter_graph.h"

namespace quadrant {
namespace {

void set_fields(AVFrame& frame, const Format& f) {
  const bool top_first = f.field_order == AV_FIELD_TT || f.field_order == AV_FIELD_BT;
#ifdef AV_FRAME_FLAG_INTERLACED
  if (f.interlaced()) frame.flags |= AV_FRAME_FLAG_INTERLACED;
  if (top_first) frame.flags |= AV_FRAME_FLAG_TOP_FIELD_FIRST;
#else
  frame.interlaced_frame = f.interlaced();
  frame.top_field_first = top_first;
#endif
}

}  // namespace

Frame blank_frame(const Format& f) {
  av::FramePtr frame = av::make_frame();
  frame->format = f.pixels.value();
  frame->width = f.width;
  frame->height = f.height;
  av::check(av_frame_get_buffer(frame.get(), 0), "filter");
  for (int p = 0; p < AV_NUM_DATA_POINTERS && frame->buf[p] != nullptr; ++p)
    std::fill_n(frame->buf[p]->data, frame->buf[p]->size, std::uint8_t{0});
  set_fields(*frame, f);
  frame->pts = 0;
  frame->sample_aspect_ratio = av::to_av(f.sample_aspect);
  frame->color_range = static_cast<AVColorRange>(f.colour.range);
  frame->color_primaries = static_cast<AVColorPrimaries>(f.colour.primaries);
  frame->color_trc = static_cast<AVColorTransferCharacteristic>(f.colour.transfer);
  frame->colorspace = static_cast<AVColorSpace>(f.colour.matrix);
  frame->chroma_location = static_cast<AVChromaLocation>(f.colour.chroma_location);
  return Frame(std::move(frame), f.time_base, f.frame_rate);
}

Format format_after(const Format& in, const std::string& chain) {
  FilterGraph graph(in, chain, one_after_another());
  Format out = graph.output();
  graph.push(blank_frame(in));
  graph.push({});
  if (const Frame frame = graph.pull()) {
    out.colour = frame.format().colour;
    out.field_order = frame.format().field_order;
  }
  return out;
}

}  // namespace quadrant
