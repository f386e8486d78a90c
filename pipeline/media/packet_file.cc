// SPDX-License-Identifier: MIT
#include "pipeline/media/packet_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

extern "C" {
#include <libavutil/hash.h>
}

#include "pipeline/foreign_json.h"
#include "pipeline/media/av.h"

namespace quadrant {
namespace {

using nlohmann::json;

constexpr std::string_view magic = "quadrant packets 1\n";
constexpr std::uint32_t largest_piece = std::uint32_t{1} << 31;

HashPtr make_hash() {
  AVHashContext* hash = nullptr;
  av::check(av_hash_alloc(&hash, "MD5"), "checksum");
  av_hash_init(hash);
  return HashPtr(hash);
}

std::string digest(AVHashContext* hash) {
  std::array<std::uint8_t, 2 * AV_HASH_MAX_SIZE + 1> text{};
  av_hash_final_hex(hash, text.data(), static_cast<int>(text.size()));
  return reinterpret_cast<const char*>(text.data());
}

std::array<std::uint8_t, 4> little_endian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 24)};
}

json description_of(const Coded& coded) {
  const AVPacket& p = *coded.packet.av();
  json side = json::array();
  for (int i = 0; i < p.side_data_elems; ++i) {
    const AVPacketSideData& s = p.side_data[i];
    side.push_back({static_cast<int>(s.type), json::binary({s.data, s.data + s.size})});
  }
  return json::array({static_cast<int>(coded.kind), p.stream_index, p.pts, p.dts, p.duration,
                      p.flags, std::move(side)});
}

void describe(AVPacket& packet, const json& told) {
  packet.stream_index = static_cast<int>(whole_number(told.at(1)));
  packet.pts = whole_number(told.at(2));
  packet.dts = whole_number(told.at(3));
  packet.duration = whole_number(told.at(4));
  packet.flags = static_cast<int>(whole_number(told.at(5)));
  for (const json& side : told.at(6)) {
    const auto& bytes = side.at(1).get_binary();
    const auto type = static_cast<AVPacketSideDataType>(number_below(AV_PKT_DATA_NB, side.at(0)));
    std::uint8_t* data = av::not_null(av_packet_new_side_data(&packet, type, bytes.size()));
    std::copy(bytes.begin(), bytes.end(), data);
  }
}

}  // namespace

void FreeHash::operator()(AVHashContext* hash) const { av_hash_freep(&hash); }

PacketWriter::PacketWriter(std::string path, const std::string& head)
    : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wbex"), std::fclose) {
  if (!file_) fail(Fault::temporary, "{}: cannot be written: {}", path_, std::strerror(errno));
  hash_ = make_hash();
  put(magic.data(), magic.size());
  put_size(head.size());
  put(head.data(), head.size());
}

void PacketWriter::put(const void* data, std::size_t size) {
  if (size == 0) return;  // a packet with only side data has a null data pointer
  if (std::fwrite(data, 1, size, file_.get()) != size)
    fail(Fault::temporary, "{}: cannot be written: {}", path_, std::strerror(errno));
  av_hash_update(hash_.get(), static_cast<const std::uint8_t*>(data), size);
  bytes_ += static_cast<std::int64_t>(size);
}

void PacketWriter::put_size(std::size_t size) {
  const auto bytes = little_endian(static_cast<std::uint32_t>(size));
  put(bytes.data(), bytes.size());
}

void PacketWriter::write(const Coded& coded) {
  const std::vector<std::uint8_t> description = json::to_cbor(description_of(coded));
  const AVPacket& packet = *coded.packet.av();
  put_size(description.size());
  put_size(static_cast<std::size_t>(packet.size));
  put(description.data(), description.size());
  put(packet.data, static_cast<std::size_t>(packet.size));
}

void PacketWriter::finish(const std::string& foot) {
  put_size(0);
  put_size(foot.size());
  put(foot.data(), foot.size());
  const std::string sum = digest(hash_.get());
  put(sum.data(), sum.size());
  const bool flushed = std::fflush(file_.get()) == 0;  // a full disk may show only here
  const int cause = errno;
  const bool closed = std::fclose(file_.release()) == 0;
  if (!flushed || !closed)
    fail(Fault::temporary, "{}: cannot be written: {}", path_,
         std::strerror(flushed ? errno : cause));
}

PacketReader::PacketReader(std::string path)
    : path_(std::move(path)), file_(std::fopen(path_.c_str(), "rbe"), std::fclose) {
  if (!file_) fail(Fault::input, "{}: cannot be read: {}", path_, std::strerror(errno));
  struct stat about {};
  if (fstat(fileno(file_.get()), &about) == 0) left_ = about.st_size;
  hash_ = make_hash();
  std::array<char, magic.size()> begin{};
  if (!get(begin.data(), begin.size()) || std::string_view(begin.data(), begin.size()) != magic)
    damaged();
  head_ = get_text();
}

void PacketReader::damaged() const { fail(Fault::input, "{}: is damaged", path_); }

bool PacketReader::get(void* data, std::size_t size) {
  if (std::fread(data, 1, size, file_.get()) != size) return false;
  left_ -= static_cast<std::int64_t>(size);
  av_hash_update(hash_.get(), static_cast<const std::uint8_t*>(data), size);
  return true;
}

std::uint32_t PacketReader::get_size() {
  std::array<std::uint8_t, 4> b{};
  if (!get(b.data(), b.size())) damaged();
  const std::uint32_t size = b[0] | b[1] << 8 | b[2] << 16 | std::uint32_t{b[3]} << 24;
  if (size >= largest_piece || size > left_) damaged();  // before memory is taken for it
  return size;
}

std::string PacketReader::get_text() {
  std::string text(get_size(), '\0');
  if (!get(text.data(), text.size())) damaged();
  return text;
}

std::optional<Coded> PacketReader::read() {
  const std::uint32_t described = get_size();
  if (described == 0) {
    foot_ = get_text();
    const std::string sum = digest(hash_.get());
    std::string written(sum.size(), ' ');
    if (std::fread(written.data(), 1, written.size(), file_.get()) != written.size() ||
        written != sum || std::fgetc(file_.get()) != EOF)
      damaged();
    return std::nullopt;
  }
  const std::uint32_t size = get_size();
  std::string description(described, '\0');
  if (!get(description.data(), description.size())) damaged();
  std::shared_ptr<AVPacket> packet = av::make_packet();
  av::check(av_new_packet(packet.get(), static_cast<int>(size)), path_);
  if (!get(packet->data, size)) damaged();
  try {
    const json told = from_cbor(description.data(), description.data() + description.size());
    describe(*packet, told);
    return Coded{static_cast<Coded::Kind>(number_below(3, told.at(0))), Packet(std::move(packet))};
  } catch (const json::exception&) {
    damaged();
  } catch (const std::out_of_range&) {
    damaged();
  }
}

std::optional<PacketFileText> check_packet_file(const std::string& path) {
  try {
    PacketReader reader(path);
    while (reader.read()) {
    }
    return PacketFileText{reader.head(), reader.foot()};
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace quadrant
