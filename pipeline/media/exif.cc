// SPDX-License-Identifier: MIT
// EXIF is a TIFF file within the picture (EXIF 2.32, 4.5 and 4.6): a byte order, and tables of tags
// that point into it. Cameras write it near the beginning.
#include "pipeline/media/exif.h"

#include <array>
#include <cstdint>

namespace quadrant {
namespace {

constexpr std::uint16_t exif_table = 0x8769, date_time_original = 0x9003, sub_seconds = 0x9291;

class Tiff {
 public:
  explicit Tiff(std::string_view bytes)
      : bytes_(bytes), is_little_(bytes.starts_with(std::string_view("II*\0", 4))) {}
  bool valid() const { return is_little_ || bytes_.starts_with(std::string_view("MM\0*", 4)); }

  // Whole numbers; 0 beyond the end.
  std::uint32_t number(std::size_t at, int size) const {
    std::uint32_t value = 0;
    if (at > bytes_.size() || bytes_.size() - at < static_cast<std::size_t>(size)) return 0;
    for (int i = 0; i < size; ++i) {
      const auto byte = static_cast<unsigned char>(bytes_[at + static_cast<std::size_t>(i)]);
      value |= std::uint32_t{byte} << 8 * (is_little_ ? i : size - 1 - i);
    }
    return value;
  }

  // Where the entry of `tag` begins in the table at `table`; 0 if there is none.
  std::size_t entry(std::size_t table, std::uint16_t tag) const {
    constexpr std::size_t bytes_of_entry = 12;
    const std::uint32_t count = number(table, 2);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = table + 2 + i * bytes_of_entry;
      if (at >= bytes_.size()) return 0;
      if (number(at, 2) == tag) return at;
    }
    return 0;
  }

  // The text of an entry, without its zero byte. Up to four bytes are in the entry itself.
  std::string_view text(std::size_t at) const {
    if (at == 0) return "";
    const std::size_t size = number(at + 4, 4), place = size > 4 ? number(at + 8, 4) : at + 8;
    if (place > bytes_.size() || bytes_.size() - place < size) return "";
    const std::string_view all = bytes_.substr(place, size);
    return all.substr(0, all.find('\0'));
  }

 private:
  std::string_view bytes_;
  bool is_little_;
};

// Cameras whose clock was never set write spaces or zeros.
bool is_time(std::string_view text) {
  constexpr std::string_view form = "dddd:dd:dd dd:dd:dd";
  if (text.size() != form.size() || text.starts_with("0000")) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !is_digit : text[i] != form[i]) return false;
  }
  return true;
}

std::optional<std::string> time_in(const Tiff& tiff) {
  if (!tiff.valid()) return std::nullopt;
  const std::size_t found = tiff.entry(tiff.number(4, 4), exif_table);
  if (found == 0) return std::nullopt;
  const std::size_t table = tiff.number(found + 8, 4);
  const std::string_view time = tiff.text(tiff.entry(table, date_time_original));
  if (!is_time(time)) return std::nullopt;
  const std::string_view part = tiff.text(tiff.entry(table, sub_seconds));
  const bool is_number = !part.empty() && part.find_first_not_of("0123456789") == part.npos;
  return std::string(time) + (is_number ? "." + std::string(part) : "");
}

}  // namespace

std::optional<std::string> time_taken(std::string_view bytes) {
  if (const auto time = time_in(Tiff(bytes))) return time;
  // JPEG, HEIF and WebP name it so; PNG has a chunk.
  for (const std::string_view name : {std::string_view("Exif\0\0", 6), std::string_view("eXIf")}) {
    const std::size_t at = bytes.find(name);
    if (at == std::string_view::npos) continue;
    if (const auto time = time_in(Tiff(bytes.substr(at + name.size())))) return time;
  }
  return std::nullopt;
}

}  // namespace quadrant
