// SPDX-License-Identifier: MIT
// Rows are requested on the output side (sws_receive_slice), so that libswscale computes only these
// from a whole input. FFmpeg itself never requests a part, which shows:
//   - luma and alpha of a slice are written to the chroma's position: row begin / 2 for 4:2:0 (at
//     least in 5.1 to 8). This is tried once, and the pointers are shifted to compensate;
//   - a slice must be a multiple of the alignment even at the end of the picture. The last rows are
//     converted as a separate picture if rows do not depend on each other, and otherwise (an odd
//     height at 4:2:0) copied from a conversion of everything;
//   - the planar depth reduction takes its dither row from the slice, not from the picture, so a
//     slice must start where the 8 rows of the dither start; and the unscaled converters step
//     through input rows that share chroma. row_alignment() handles both.
// scaler_test tries every division.
#include "pipeline/media/scaler.h"

#include <algorithm>

#include "pipeline/media/av.h"
#include "pipeline/media/sws_context.h"

namespace quadrant {
namespace {

constexpr int dither_rows = 8;
constexpr int simd_bytes = 64;  // at least as much as any SIMD of libswscale

av::FramePtr header(const Format& f) {
  av::FramePtr frame = av::make_frame();
  frame->format = plain_pixels(f.pixels).value();
  frame->width = f.width;
  frame->height = f.height;
  return frame;
}

av::FramePtr owned(const Format& f) {
  av::FramePtr frame = header(f);
  av::check(av_frame_get_buffer(frame.get(), 0), "conversion");
  return frame;
}

void noop(void*, std::uint8_t*) {}

// A frame header for borrowed memory, which the slice API requires.
av::FramePtr borrowed(const Format& f) {
  static std::uint8_t nothing;
  av::FramePtr frame = header(f);
  frame->buf[0] = av::not_null(av_buffer_create(&nothing, 1, noop, nullptr, 0));
  return frame;
}

void point_at(AVFrame& frame, const std::array<Plane, 4>& planes) {
  for (std::size_t p = 0; p < planes.size(); ++p) {
    frame.data[p] = planes[p].data;
    frame.linesize[p] = static_cast<int>(planes[p].stride);
  }
}

struct Range {
  int begin, end;
};

void convert(SwsContext* context, AVFrame* out, const AVFrame* in, Range rows) {
  av::check(sws_frame_start(context, out, in), "conversion");
  int result = sws_send_slice(context, 0, static_cast<unsigned>(in->height));
  if (result >= 0)
    result = sws_receive_slice(context, static_cast<unsigned>(rows.begin),
                               static_cast<unsigned>(rows.end - rows.begin));
  sws_frame_end(context);
  av::check(result, "conversion");
}

// Each output row depends only on the input row at the same position.
bool rows_are_alone(const Format& in, const Format& out) {
  return in.width == out.width && in.height == out.height &&
         in.pixels.log2_chroma_height() == out.pixels.log2_chroma_height() &&
         chroma_position(in).y == chroma_position(out).y;
}

// `f` with fewer rows and the matrix of the full picture, which may follow from its size.
Format last_rows_of(Format f, const Format& other, int rows) {
  if (!f.pixels.is_rgb()) f.colour.matrix = matrix_of(f, other);
  f.height = rows;
  return f;
}

// The planes of the picture that starts at row `row`.
std::array<Plane, 4> from_row(int row, const Format& f, std::array<Plane, 4> planes) {
  for (int p = 0; p < f.pixels.planes(); ++p) {
    Plane& plane = planes[static_cast<std::size_t>(p)];
    plane.data += plane.stride * (row >> f.pixels.log2_height(p));
  }
  return planes;
}

// Converts the lower half of a small 4:2:0 picture and checks where it was written.
bool try_luma_of_slices() {
  Format f;
  f.pixels = PixelFormat(AV_PIX_FMT_YUV420P);
  f.width = f.height = 64;
  const auto picture = [&](std::uint8_t value) {
    av::FramePtr frame = owned(f);
    for (int p = 0; p < 3; ++p)
      std::fill_n(frame->data[p], frame->linesize[p] * f.plane_height(p), value);
    return frame;
  };
  const av::FramePtr in = picture(100), out = picture(0);
  convert(make_sws_context(f, f, ScaleMethod::bicubic).get(), out.get(), in.get(), {32, 64});
  return out->data[0][std::ptrdiff_t{63} * out->linesize[0]] == 100;
}

bool luma_of_slices_is_right() {
  static const bool right = try_luma_of_slices();
  return right;
}

}  // namespace

struct Scaler::Impl {
  SwsContextPtr context;
  av::FramePtr in, out;  // headers only
  Format in_format, out_format;
  int alignment = 1;
  std::unique_ptr<Scaler> last;  // for the last rows, as a separate picture
  int first_of_last = 0;
  av::FramePtr scratch;  // a whole output, made on first use

  void slice(const std::array<Plane, 4>& planes, Range rows);
  void by_detour(const std::array<Plane, 4>& planes, Range wanted, Range possible);
};

void Scaler::Impl::slice(const std::array<Plane, 4>& planes, Range rows) {
  point_at(*out, planes);
  const int missing = rows.begin - (rows.begin >> out_format.pixels.log2_chroma_height());
  if (!luma_of_slices_is_right())
    for (int p : {0, 3})
      if (out->data[p] != nullptr) out->data[p] += std::ptrdiff_t{out->linesize[p]} * missing;
  convert(context.get(), out.get(), in.get(), rows);
}

// libswscale's SIMD writes beyond the end of a row, up to the next multiple of its step: into the
// padding that libav frames have there. In other memory it could overwrite samples.
bool rows_are_padded(const Format& f, const std::array<Plane, 4>& planes) {
  for (int p = 0; p < f.pixels.planes(); ++p) {
    const Plane& plane = planes[static_cast<std::size_t>(p)];
    if (plane.stride % simd_bytes != 0 ||
        reinterpret_cast<std::uintptr_t>(plane.data) % simd_bytes != 0)
      return false;
  }
  return true;
}

// Converts a range that libswscale can do into scratch memory, and copies the wanted rows from it.
void Scaler::Impl::by_detour(const std::array<Plane, 4>& planes, Range wanted, Range possible) {
  if (!scratch) scratch = owned(out_format);
  std::array<Plane, 4> there{};
  for (std::size_t p = 0; p < there.size(); ++p)
    there[p] = {scratch->data[p], scratch->linesize[p]};
  slice(there, possible);
  for (int p = 0; p < out_format.pixels.planes(); ++p) {
    const int shift = out_format.pixels.log2_height(p);
    const int bytes = out_format.pixels.row_bytes(p, out_format.width);
    const Plane &from = there[static_cast<std::size_t>(p)],
                &to = planes[static_cast<std::size_t>(p)];
    for (int y = wanted.begin >> shift; y < -((-wanted.end) >> shift); ++y)
      std::copy_n(from.data + from.stride * y, bytes, to.data + to.stride * y);
  }
}

Scaler::Scaler(const Format& in, const Format& out, ScaleMethod method)
    : impl_(std::make_unique<Impl>()) {
  impl_->context = make_sws_context(in, out, method);
  impl_->in = borrowed(in);
  impl_->out = borrowed(out);
  impl_->in_format = in;
  impl_->out_format = out;
  const int shared_rows =
      1 << std::max(in.pixels.log2_chroma_height(), out.pixels.log2_chroma_height());
  const int dither = in.pixels.depth() > out.pixels.depth() ? dither_rows : 1;
  impl_->alignment = std::max(static_cast<int>(sws_receive_slice_alignment(impl_->context.get())),
                              shared_rows * dither);
  const int rows = out.height % impl_->alignment;
  impl_->first_of_last = out.height - rows;
  if (rows > 0 && rows < out.height && rows_are_alone(in, out))
    impl_->last =
        std::make_unique<Scaler>(last_rows_of(in, out, rows), last_rows_of(out, in, rows), method);
}

Scaler::~Scaler() = default;
Scaler::Scaler(Scaler&&) noexcept = default;
Scaler& Scaler::operator=(Scaler&&) noexcept = default;

int Scaler::row_alignment() const { return impl_->alignment; }

void Scaler::rows(const std::array<Plane, 4>& in, const std::array<Plane, 4>& out, int begin,
                  int end) {
  if (const int first = impl_->first_of_last; impl_->last && end > first) {
    impl_->last->rows(from_row(first, impl_->in_format, in),
                      from_row(first, impl_->out_format, out), std::max(begin, first) - first,
                      end - first);
    end = first;
  }
  if (begin >= end) return;
  point_at(*impl_->in, in);
  const int step = impl_->alignment;
  Range possible{begin - begin % step, end + (step - end % step) % step};
  if (possible.end > impl_->out_format.height) possible = {0, impl_->out_format.height};
  if (begin == possible.begin && end == possible.end && rows_are_padded(impl_->out_format, out))
    impl_->slice(out, possible);
  else
    impl_->by_detour(out, {begin, end}, possible);
}

}  // namespace quadrant
