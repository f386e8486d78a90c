// SPDX-License-Identifier: MIT
#include "tools/bench_cells.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <sstream>

#include "pipeline/config/nearest.h"
#include "pipeline/config/scalars.h"

namespace quadrant {
namespace {

constexpr std::array measured_modes{Mode::sequential, Mode::concurrent, Mode::tiles, Mode::frames,
                                    Mode::segments};

Mode measured_mode(const std::string& word) {
  std::vector<std::string_view> names;
  for (Mode mode : measured_modes) names.push_back(name_of(mode));
  const std::optional<Mode> mode = mode_named(word);
  if (!mode || *mode == Mode::automatic)
    fail(Fault::usage, "--modes: there is no mode '{}' to measure{}", word,
         suggestion(word, names));
  return *mode;
}

std::vector<Mode> modes_of(const std::string& list) {
  if (list.empty()) return {measured_modes.begin(), measured_modes.end()};
  std::vector<Mode> modes;
  for (const std::string& word : words_of(list)) modes.push_back(measured_mode(word));
  return modes;
}

int core_count(const std::string& word) {
  constexpr int most = 1024;  // as run.cores
  const std::optional<std::int64_t> count = to_integer(word);
  if (!count || *count < 1 || *count > most)
    fail(Fault::usage, "--cores: a list of numbers from 1 to {} is wanted, e.g. 1,2,4, not '{}'",
         most, word);
  return static_cast<int>(*count);
}

std::vector<int> cores_of(const std::string& list, int available) {
  std::vector<int> cores;
  if (list.empty()) {
    for (int n = 1; n < available; n *= 2) cores.push_back(n);
    return cores.push_back(available), cores;
  }
  for (const std::string& word : words_of(list)) cores.push_back(core_count(word));
  std::ranges::sort(cores);
  cores.erase(std::unique(cores.begin(), cores.end()), cores.end());
  return cores;
}

}  // namespace

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream text(list);
  for (std::string word; std::getline(text, word, ',');) words.push_back(word);
  return words;
}

std::vector<Cell> cells_of(const std::string& modes, const std::string& cores, int available) {
  std::vector<Cell> cells{{Mode::sequential, 1}};
  const auto add = [&](Cell cell) {
    if (std::ranges::find(cells, cell) == cells.end()) cells.push_back(cell);
  };
  const std::vector<int> counts = cores_of(cores, available);
  for (Mode mode : modes_of(modes))
    for (int count : counts) add({mode, runs_on_one_core(mode) ? 1 : count});
  return cells;
}

std::vector<std::size_t> order_of_round(std::size_t count, int round, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::seed_seq seeds{seed, seed >> 32, static_cast<std::uint64_t>(round)};
  std::mt19937_64 random(seeds);
  std::shuffle(order.begin() + (round == 0 ? 1 : 0), order.end(), random);
  return order;
}

}  // namespace quadrant
