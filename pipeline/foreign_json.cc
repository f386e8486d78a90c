// SPDX-License-Identifier: MIT
#include "pipeline/foreign_json.h"

#include <climits>
#include <cmath>

namespace quadrant {
namespace {

using nlohmann::json;

// Goes through the bytes, and stops where they are of no use.
class Checks final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  bool number_float(double number, const std::string&) override {
    return std::abs(number) < INT_MAX;  // or a conversion to an integer may be undefined
  }
  bool string(std::string&) override { return true; }
  bool binary(json::binary_t&) override { return true; }
  bool key(std::string&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ <= most; }
  bool start_array(std::size_t) override { return ++depth_ <= most; }
  bool end_object() override { return --depth_ >= 0; }
  bool end_array() override { return --depth_ >= 0; }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }

 private:
  static constexpr int most = 64;
  int depth_ = 0;
};

}  // namespace

json from_cbor(const char* begin, const char* end) {
  Checks checks;
  if (!json::sax_parse(begin, end, &checks, json::input_format_t::cbor)) return nullptr;
  json told = json::from_cbor(begin, end, true, false);
  return told.is_discarded() ? json() : told;
}

}  // namespace quadrant
