// SPDX-License-Identifier: MIT
// scan_compare FILE...: where each would be cut by its index and by reading all of it. For each
// file a line of tabs: how it was scanned (index, all, or error), what keeps it from being cut by
// the index and by reading, the most segments, how many cuts differ, bytes read by the index and by
// reading all, name. cli/scan_test makes the files and judges.
#include <fmt/format.h>

#include <fstream>

#include "pipeline/error.h"
#include "pipeline/media/index_scan.h"
#include "pipeline/media/input.h"
#include "pipeline/media/log.h"
#include "pipeline/media/segment.h"
#include "pipeline/media/stop.h"

namespace quadrant {
namespace {

std::int64_t bytes_read() {
  std::ifstream io("/proc/self/io");
  std::string name;
  std::int64_t value = 0;
  io >> name >> value;  // rchar comes first
  return value;
}

std::int64_t bytes_read_by(const std::function<void()>& work) {
  const std::int64_t before = bytes_read();
  work();
  return bytes_read() - before;
}

struct Comparison {
  std::size_t most = 0;
  int differ = 0;

  void compare(const PacketScan& by_index, const PacketScan& by_all) {
    for (const double seconds : {0.1, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0})
      for (const Around around : {Around{}, Around{1, 1}, Around{0, 12}, Around{30, 0}}) {
        PacketScan index = by_index, all = by_all;
        const SegmentLength length{seconds, around.before > 1 ? seconds / 2 : seconds};
        const auto wanted = cut_into_segments(all, length, around);
        differ += cut_into_segments(index, length, around) != wanted;
        most = std::max(most, wanted.size());
      }
  }
};

std::string line_of(const std::string& name) {
  const StopFlag stop;
  const Input input(name, stop);
  if (input.info().video < 0) return "error\tno video\t\t0\t0\t0\t0";
  if (!input.is_seekable()) return "error\tnot seekable\t\t0\t0\t0\t0";
  PacketScan index, all;
  std::string how;
  const std::int64_t index_bytes = bytes_read_by([&] {
    index = scan_packets(input);
    how = index.read_all ? "index" : "all";
    PacketScan copy = index;
    cut_into_segments(copy, {10, 5}, {});
    if (how == "index" && !copy.read_all) how = "doubt";
  });
  const std::int64_t all_bytes = bytes_read_by([&] { all = scan_all_packets(name, stop); });
  Comparison result;
  result.compare(index, all);
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}", how, index.obstacle, all.obstacle, result.most,
                     result.differ, index_bytes, all_bytes);
}

}  // namespace
}  // namespace quadrant

int main(int count, char** arguments) {
  quadrant::keep_libav_log();
  for (int i = 1; i < count; ++i) {
    std::string line;
    try {
      line = quadrant::line_of(arguments[i]);
    } catch (const quadrant::Error& error) {
      line = fmt::format("error\t{}\t\t0\t0\t0\t0", error.what());
    }
    fmt::print("{}\t{}\n", line, arguments[i]);
  }
}
