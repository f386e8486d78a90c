// SPDX-License-Identifier: MIT
// lut3d: a look-up table of colours from a .cube file (Adobe's Cube LUT Specification 1.0): 2 to
// 256 points for each of red, green and blue, with other colours interpolated in the tetrahedron of
// four points around them, which keeps greys grey where the table does (Kasson et al., 1995). In
// integers of 20 bits, so 16-bit pictures lose nothing.
//
// Colours outside of the table's domain are limited to it. How red, green and blue are worked on in
// YUV: rgb_bridge.h.
#include <fstream>
#include <sstream>

#include "stages/rgb_bridge.h"

namespace quadrant {
namespace {

struct CubeFile {
  int points = 0;
  std::array<double, 3> least{0, 0, 0}, most{1, 1, 1};
  std::vector<Rgb> colours;  // red changes first
};

class CubeReader {
 public:
  explicit CubeReader(const std::string& path) : path_(path), in_(path) {
    if (!in_)
      fail(Fault::input,
           "{}: this table cannot be read; the name is relative to the directory in "
           "which quadrant was started",
           path);
  }

  CubeFile read() {
    for (std::string line; std::getline(in_, line);) {
      ++number_;
      std::istringstream words(line.substr(0, line.find('#')));
      words.imbue(std::locale::classic());
      std::string word;
      if (words >> word) take(word, words);
    }
    const std::size_t wanted =
        std::size_t(cube_.points) * std::size_t(cube_.points) * std::size_t(cube_.points);
    if (cube_.points == 0) refuse("there is no LUT_3D_SIZE in it");
    if (cube_.colours.size() != wanted)
      refuse(fmt::format("it has {} colours, but LUT_3D_SIZE {} needs {}", cube_.colours.size(),
                         cube_.points, wanted));
    return std::move(cube_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    fail(Fault::input, "{}: {}", path_, why);
  }
  [[noreturn]] void refuse_line(const std::string& why) const {
    fail(Fault::input, "{}:{}: {}", path_, number_, why);
  }

  void take(const std::string& word, std::istringstream& rest) {
    if (word == "LUT_3D_SIZE") return take_size(rest);
    if (word == "LUT_1D_SIZE")
      refuse_line("this is a table of single tones (LUT_1D_SIZE); the stage curves does that");
    if (word == "DOMAIN_MIN") return take_three(rest, cube_.least);
    if (word == "DOMAIN_MAX") return take_three(rest, cube_.most);
    if ((word[0] >= 'A' && word[0] <= 'Z') || word[0] == '"') return;  // TITLE and others
    take_colour(word, rest);
  }
  void take_size(std::istringstream& rest) {
    if (!(rest >> cube_.points) || cube_.points < 2 || cube_.points > 256)
      refuse_line("LUT_3D_SIZE must be a number from 2 to 256");
  }
  void take_three(std::istringstream& rest, std::array<double, 3>& to) const {
    if (!(rest >> to[0] >> to[1] >> to[2])) refuse_line("three numbers must follow");
  }
  void take_colour(const std::string& first, std::istringstream& rest) {
    std::array<double, 3> v{};
    std::istringstream red(first);
    red.imbue(std::locale::classic());
    std::string more;
    if (!(red >> v[0]) || red >> more || !(rest >> v[1] >> v[2]) || rest >> more)
      refuse_line("a line must be three numbers, red, green and blue");
    static constexpr double limit = 4;  // of what the bridge takes
    const auto fixed = [](double x) {
      return std::llround(std::clamp(x, -limit, limit) * rgb_one);
    };
    if (cube_.colours.size() >= std::size_t{256} * 256 * 256) refuse("it has too many colours");
    cube_.colours.push_back({fixed(v[0]), fixed(v[1]), fixed(v[2])});
  }

  const std::string path_;
  std::ifstream in_;
  int number_ = 0;
  CubeFile cube_;
};

class Lut3d final : public Stage {
 public:
  std::string file;

  Format configure(const Format& in) override {
    bridge_ = RgbBridge(in);
    cube_ = CubeReader(file).read();
    for (std::size_t i = 0; i < 3; ++i) {
      if (cube_.most[i] <= cube_.least[i])
        fail(Fault::input, "{}: DOMAIN_MAX must be above DOMAIN_MIN", file);
      least_[i] = std::llround(cube_.least[i] * rgb_one);
      step_[i] = std::llround((cube_.points - 1) / (cube_.most[i] - cube_.least[i]) * (1 << 12));
    }
    return in;
  }
  std::vector<std::string> files() const override { return {file}; }

  void process(const Window& in, const Tile& out, State*) const override {
    bridge_.apply(in.now(), out, [this](const Rgb& v) { return looked_up(v); });
  }

 private:
  struct Place {
    std::size_t index = 0;
    std::int64_t beyond = 0;  // of rgb_one
  };

  Place place(std::int64_t v, std::size_t channel) const {
    const std::int64_t last = cube_.points - 1;
    const std::int64_t at = std::clamp<std::int64_t>(
        ((v - least_[channel]) * step_[channel] + (1 << 11)) >> 12, 0, last << rgb_bits);
    const std::int64_t index = std::min(at >> rgb_bits, last - 1);
    return {static_cast<std::size_t>(index), at - (index << rgb_bits)};
  }

  // From the corner below to the corner above, along the edges in the order of the fractions.
  Rgb looked_up(const Rgb& v) const {
    const Place r = place(v.red, 0), g = place(v.green, 1), b = place(v.blue, 2);
    const auto n = static_cast<std::size_t>(cube_.points);
    const std::size_t base = (b.index * n + g.index) * n + r.index;
    struct Edge {
      std::int64_t part;
      std::size_t step;
    };
    std::array<Edge, 3> edges{{{r.beyond, 1}, {g.beyond, n}, {b.beyond, n * n}}};
    if (edges[0].part < edges[1].part) std::swap(edges[0], edges[1]);
    if (edges[1].part < edges[2].part) std::swap(edges[1], edges[2]);
    if (edges[0].part < edges[1].part) std::swap(edges[0], edges[1]);
    const Rgb* at = cube_.colours.data() + base;
    Rgb sum = weighted(*at, rgb_one - edges[0].part);
    for (std::size_t i = 0; i < 3; ++i) {
      at += edges[i].step;
      const std::int64_t next = i < 2 ? edges[i + 1].part : 0;
      const Rgb more = weighted(*at, edges[i].part - next);
      sum.red += more.red, sum.green += more.green, sum.blue += more.blue;
    }
    constexpr std::int64_t half = rgb_one / 2;
    return {(sum.red + half) >> rgb_bits, (sum.green + half) >> rgb_bits,
            (sum.blue + half) >> rgb_bits};
  }
  static Rgb weighted(const Rgb& v, std::int64_t w) { return {v.red * w, v.green * w, v.blue * w}; }

  RgbBridge bridge_;
  CubeFile cube_;
  std::array<std::int64_t, 3> least_{}, step_{};
};

}  // namespace

StageInfo lut3d_stage() {
  return {.name = "lut3d",
          .summary = "Change the colours by a table (.cube)",
          .kind = "point",
          .params = {param("file", &Lut3d::file,
                           "a .cube file, \"film.cube\"; part of the job: another content makes "
                           "outputs anew")
                         .required()
                         .shorthand()},
          .make = make_stage<Lut3d>};
}

}  // namespace quadrant
