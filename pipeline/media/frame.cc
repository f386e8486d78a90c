// SPDX-License-Identifier: MIT
#include "pipeline/contract/frame.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
}

#include "pipeline/media/av.h"
#include "pipeline/tsan_annotations.h"

namespace quadrant {
namespace {

// libav's assumptions for SIMD: rows start at multiples of 64 bytes, and reads may go slightly past
// the end.
constexpr int row_alignment = 64;
constexpr int tail_bytes = 64;

AVFieldOrder field_order(const AVFrame& frame) {
  if (!av::is_interlaced(frame)) return AV_FIELD_PROGRESSIVE;
  return av::has_top_field_first(frame) ? AV_FIELD_TT : AV_FIELD_BB;
}

Format format_of(const AVFrame& av, Rational time_base, Rational frame_rate) {
  Format f;
  f.pixels = PixelFormat(av.format);
  f.width = av.width;
  f.height = av.height;
  f.sample_aspect = av::from_av(av.sample_aspect_ratio);
  f.colour = {av.color_range, av.color_primaries, av.color_trc, av.colorspace, av.chroma_location};
  f.time_base = time_base;
  f.frame_rate = frame_rate;
  f.field_order = field_order(av);
  return f;
}

std::shared_ptr<AVFrame> reference_to(const AVFrame& frame) {
  std::shared_ptr<AVFrame> copy = av::make_frame();
  av::check(av_frame_ref(copy.get(), &frame), "frame");
  return copy;
}

}  // namespace

Frame::Frame(std::shared_ptr<AVFrame> av, Rational time_base, Rational frame_rate)
    : av_(std::move(av)),
      format_(std::make_shared<Format>(format_of(*av_, time_base, frame_rate))) {}

Plane Frame::plane(int plane) const { return {av_->data[plane], av_->linesize[plane]}; }
std::int64_t Frame::pts() const { return av_->pts; }
std::int64_t Frame::duration() const { return av::frame_duration(*av_); }

Frame Frame::at(std::int64_t pts, std::int64_t duration) const {
  return at(pts, duration, *format_);
}

Frame Frame::at(std::int64_t pts, std::int64_t duration, const Format& clock) const {
  std::shared_ptr<AVFrame> copy = reference_to(*av_);
  copy->pts = pts;
  av::frame_duration(*copy) = duration;
  return Frame(std::move(copy), clock.time_base, clock.frame_rate);
}

Frame Frame::without_captions() const {
  if (!av_frame_get_side_data(av_.get(), AV_FRAME_DATA_A53_CC)) return *this;
  std::shared_ptr<AVFrame> copy = reference_to(*av_);
  av_frame_remove_side_data(copy.get(), AV_FRAME_DATA_A53_CC);
  return Frame(std::move(copy), format_->time_base, format_->frame_rate);
}

PictureLayout::PictureLayout(const Format& format) : count(format.pixels.planes()) {
  for (int p = 0; p < count; ++p) {
    const auto i = static_cast<std::size_t>(p);
    strides[i] = FFALIGN(format.pixels.row_bytes(p, format.width), row_alignment);
    offsets[i] = bytes;
    bytes += static_cast<std::size_t>(strides[i] * format.plane_height(p)) + tail_bytes;
    bytes = FFALIGN(bytes, row_alignment);
  }
}

std::array<Plane, 4> PictureLayout::planes(std::uint8_t* memory) const {
  std::array<Plane, 4> all{};
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    all[i] = {memory + offsets[i], strides[i]};
  return all;
}

struct FramePool::Impl {
  explicit Impl(const Format& f) : format(f), layout(f) {}
  Format format;
  PictureLayout layout;
  std::unique_ptr<AVBufferPool, av::Deleter<av_buffer_pool_uninit>> buffers;
};

FramePool::FramePool(const Format& format) : impl_(std::make_unique<Impl>(format)) {
  impl_->buffers.reset(av::not_null(av_buffer_pool_init(impl_->layout.bytes, nullptr)));
}

FramePool::~FramePool() = default;
FramePool::FramePool(FramePool&&) noexcept = default;
FramePool& FramePool::operator=(FramePool&&) noexcept = default;
const Format& FramePool::format() const { return impl_->format; }

namespace {

// Without samples.
std::shared_ptr<AVFrame> header_of(const Format& f, const Frame& like) {
  std::shared_ptr<AVFrame> out = av::make_frame();
  av::check(av_frame_copy_props(out.get(), like.av()), "frame");
  out->format = f.pixels.value();
  out->width = f.width;
  out->height = f.height;
  out->sample_aspect_ratio = av::to_av(f.sample_aspect);
  // The frame's own tags may be more complete than the stream's; the plan's values override both.
  if (f.colour.range != AVCOL_RANGE_UNSPECIFIED)
    out->color_range = static_cast<AVColorRange>(f.colour.range);
  if (f.colour.primaries != AVCOL_PRI_UNSPECIFIED)
    out->color_primaries = static_cast<AVColorPrimaries>(f.colour.primaries);
  if (f.colour.transfer != AVCOL_TRC_UNSPECIFIED)
    out->color_trc = static_cast<AVColorTransferCharacteristic>(f.colour.transfer);
  if (f.colour.matrix != AVCOL_SPC_UNSPECIFIED)
    out->colorspace = static_cast<AVColorSpace>(f.colour.matrix);
  if (f.colour.chroma_location != AVCHROMA_LOC_UNSPECIFIED)
    out->chroma_location = static_cast<AVChromaLocation>(f.colour.chroma_location);
  if (av::is_hdr(like.av()->color_trc) && !av::is_hdr(out->color_trc))
    for (AVFrameSideDataType of_light :
         {AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
          AV_FRAME_DATA_DYNAMIC_HDR_PLUS, AV_FRAME_DATA_DOVI_METADATA,
          AV_FRAME_DATA_DOVI_RPU_BUFFER})
      av_frame_remove_side_data(out.get(), of_light);
  if (f.deinterlaced) av::make_progressive(*out);
  if (f.turned) av_frame_remove_side_data(out.get(), AV_FRAME_DATA_DISPLAYMATRIX);
  if (f.width != like.format().width || f.height != like.format().height)
    for (AVFrameSideDataType geometry :
         {AV_FRAME_DATA_REGIONS_OF_INTEREST, AV_FRAME_DATA_MOTION_VECTORS,
          AV_FRAME_DATA_VIDEO_ENC_PARAMS, AV_FRAME_DATA_PANSCAN})
      av_frame_remove_side_data(out.get(), geometry);
  return out;
}

Frame filled(std::shared_ptr<AVFrame> out, const PictureLayout& layout, const Format& f) {
  happens_after(out->buf[0]->data);
  for (int p = 0; p < layout.count; ++p) {
    const auto i = static_cast<std::size_t>(p);
    out->data[p] = out->buf[0]->data + layout.offsets[i];
    out->linesize[p] = static_cast<int>(layout.strides[i]);
  }
  out->extended_data = out->data;
  return Frame(std::move(out), f.time_base, f.frame_rate);
}

void let_go(void* owner, std::uint8_t*) { delete static_cast<std::shared_ptr<void>*>(owner); }

}  // namespace

Frame FramePool::make(const Frame& like) const {
  std::shared_ptr<AVFrame> out = header_of(impl_->format, like);
  out->buf[0] = av::not_null(av_buffer_pool_get(impl_->buffers.get()));
  return filled(std::move(out), impl_->layout, impl_->format);
}

Frame frame_over(const Format& format, const Frame& like, std::uint8_t* memory,
                 std::shared_ptr<void> owner) {
  std::shared_ptr<AVFrame> out = header_of(format, like);
  const PictureLayout layout(format);
  auto kept = std::make_unique<std::shared_ptr<void>>(std::move(owner));
  out->buf[0] = av::not_null(av_buffer_create(memory, layout.bytes, let_go, kept.get(), 0));
  static_cast<void>(kept.release());  // let_go() has it
  return filled(std::move(out), layout, format);
}

}  // namespace quadrant
