// SPDX-License-Identifier: MIT
// Owners for libav's objects, and libav's error codes as exceptions. Only media/ and the ffmpeg
// stage include this.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
#include <libavutil/rational.h>
}

#include <memory>
#include <string>

#include "pipeline/contract/format.h"
#include "pipeline/error.h"
#include "pipeline/tsan_annotations.h"

namespace quadrant::av {

template <auto Free>
struct Deleter {  // for libav functions that take T** and set it to null
  template <class T>
  void operator()(T* p) const {
    Free(&p);
  }
};

// libavutil and libavcodec take the memory of a frame back and reuse it under locks and counters
// that ThreadSanitizer does not see.
inline void release_frame(AVFrame** frame) {
  for (const AVBufferRef* plane : (*frame)->buf)
    if (plane) happens_before(plane->data);
  av_frame_free(frame);
}
using FramePtr = std::unique_ptr<AVFrame, Deleter<release_frame>>;
using PacketPtr = std::unique_ptr<AVPacket, Deleter<av_packet_free>>;
using CodecPtr = std::unique_ptr<AVCodecContext, Deleter<avcodec_free_context>>;
using GraphPtr = std::unique_ptr<AVFilterGraph, Deleter<avfilter_graph_free>>;

// The allocating functions fail only if memory runs out.
template <class T>
T* not_null(T* p) {
  if (p == nullptr) fail(Fault::temporary, "out of memory");
  return p;
}
inline FramePtr make_frame() { return FramePtr(not_null(av_frame_alloc())); }
inline PacketPtr make_packet() { return PacketPtr(not_null(av_packet_alloc())); }

// A dictionary of options; a libav call removes the options that it used.
class Dictionary {
 public:
  Dictionary() = default;
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;
  ~Dictionary() { av_dict_free(&dict_); }
  void set(const std::string& key, const std::string& value) {
    av_dict_set(&dict_, key.c_str(), value.c_str(), 0);
  }
  void append(const std::string& key, const std::string& value) {
    av_dict_set(&dict_, key.c_str(), value.c_str(), AV_DICT_APPEND);
  }
  AVDictionary** get() { return &dict_; }

 private:
  AVDictionary* dict_ = nullptr;
};

std::string error_text(int code);  // "No such file or directory"
Fault fault_of(int code);          // temporary for ENOSPC, EIO, ENOMEM ...; otherwise input

// Tried, for nobody can be asked.
bool is_memory_left();

// The same where an external library works (x264, x265): without memory or threads it fails with
// no more than AVERROR_EXTERNAL, and tells the cause on its own. `reason`: libav's log line.
Fault fault_of_library(int code, const std::string& reason);

// Is it a refusal? Throws Error(temporary) where libav only lacked memory: whatever is tried says
// nothing about the input or the container then.
inline bool refused(int code) {
  if (code == AVERROR(ENOMEM)) fail(Fault::temporary, "out of memory");
  return code < 0;
}

// Returns a non-negative code; for others throws Error with `what` and libav's text.
inline int check(int code, const std::string& what) {
  if (code < 0) fail(fault_of(code), "{}: {}", what, error_text(code));
  return code;
}

// AVFrame.duration was called pkt_duration before FFmpeg 6.
inline std::int64_t& frame_duration(AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  return frame.duration;
#else
  return frame.pkt_duration;
#endif
}

// PQ or HLG: the light that it shows can be described.
inline bool is_hdr(AVColorTransferCharacteristic transfer) {
  return transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67;
}

// AVFrame's field flags moved from members (gone in FFmpeg 8) to AVFrame.flags (FFmpeg 6.1).
inline bool is_interlaced(const AVFrame& frame) {
#ifdef AV_FRAME_FLAG_INTERLACED
  return frame.flags & AV_FRAME_FLAG_INTERLACED;
#else
  return frame.interlaced_frame;
#endif
}
inline bool has_top_field_first(const AVFrame& frame) {
#ifdef AV_FRAME_FLAG_INTERLACED
  return frame.flags & AV_FRAME_FLAG_TOP_FIELD_FIRST;
#else
  return frame.top_field_first;
#endif
}

inline void make_progressive(AVFrame& frame) {
#ifdef AV_FRAME_FLAG_INTERLACED
  frame.flags &= ~(AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST);
#else
  frame.interlaced_frame = frame.top_field_first = 0;
#endif
}

inline AVRational to_av(Rational r) { return {r.num, r.den}; }
inline Rational from_av(AVRational r) { return {r.num, r.den}; }

}  // namespace quadrant::av
