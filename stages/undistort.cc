// SPDX-License-Identifier: MIT
// undistort: straightens what a lens bent, by a calibration of OpenCV (its file has camera_matrix
// and distortion_coefficients, as cv::calibrateCamera's sample program and others write it; lens:
// fisheye for cv::fisheye::calibrate). A calibration of another size is scaled, if the shape is the
// same.
#include <fstream>
#include <opencv2/calib3d.hpp>

#include "stages/warp.h"

namespace quadrant {
namespace {

struct Camera {
  cv::Matx33d matrix;
  cv::Mat distortion;
  int width = 0, height = 0;  // that it was measured for; 0: not told
};

cv::Mat read(const cv::FileStorage& file, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const cv::FileNode node = file[name]; !node.empty()) return node.mat();
  return {};
}

Camera read_camera(const std::string& path) {
  if (!std::ifstream(path))
    fail(Fault::input,
         "{}: this calibration cannot be read; the name is relative to the directory in which "
         "quadrant was started",
         path);
  try {
    const cv::FileStorage file(path, cv::FileStorage::READ);
    if (!file.isOpened()) fail(Fault::input, "{}: is no calibration of OpenCV", path);
    const cv::Mat matrix = read(file, {"camera_matrix", "cameraMatrix", "K"});
    cv::Mat distortion = read(file, {"distortion_coefficients", "dist_coeffs", "D"});
    if (matrix.rows != 3 || matrix.cols != 3)
      fail(Fault::input, "{}: has no camera_matrix of 3x3 numbers", path);
    if (distortion.total() < 4 || distortion.channels() != 1)
      fail(Fault::input, "{}: has no distortion_coefficients, 4 or more numbers", path);
    cv::Mat numbers;
    matrix.convertTo(numbers, CV_64F);
    distortion.convertTo(distortion, CV_64F);
    return {numbers, distortion.reshape(1, 1).clone(), int(file["image_width"]),
            int(file["image_height"])};
  } catch (const cv::Exception& error) {
    fail(Fault::input, "{}: is no calibration of OpenCV: {}", path, error.err);
  }
}

class Undistort final : public Stage {
 public:
  std::string file, lens = "normal", method = "cubic", colour = "black";
  double keep = 0;

  Format configure(const Format& in) override {
    Camera camera = read_camera(file);
    scale(camera, in);
    const bool fisheye = lens == "fisheye";
    if (fisheye && camera.distortion.total() != 4)
      fail(Fault::input, "{}: a fisheye has 4 distortion_coefficients, not {}", file,
           camera.distortion.total());
    const cv::Size size(in.width, in.height);
    const cv::Matx33d seen = fisheye ? view_of_fisheye(camera, size) : view(camera, size);
    const auto places = [camera, seen, fisheye](const cv::Matx33d& to_output, cv::Size grid,
                                                cv::Mat& x, cv::Mat& y) {
      const cv::Matx33d of_grid = to_output.inv() * seen;
      if (fisheye)
        cv::fisheye::initUndistortRectifyMap(camera.matrix, camera.distortion, cv::Matx33d::eye(),
                                             of_grid, grid, CV_32FC1, x, y);
      else
        cv::initUndistortRectifyMap(camera.matrix, camera.distortion, cv::noArray(), of_grid, grid,
                                    CV_32FC1, x, y);
    };
    warp_ = std::make_unique<Warp>(in, in, places, method, colour);
    return in;
  }
  std::vector<std::string> files() const override { return {file}; }
  Reach reach() const override { return {.space = Reach::Space::anywhere}; }

  void process(const Window& in, const Tile& out, State*) const override {
    warp_->rows(in.now(), out);
  }

 private:
  void scale(Camera& camera, const Format& in) const {
    if (camera.width <= 0 || camera.height <= 0) return;
    const double x = double(in.width) / camera.width, y = double(in.height) / camera.height;
    if (std::abs(x / y - 1) > 0.02)
      fail(Fault::input,
           "{}: is for {}x{}, which has another shape than {}x{}; calibrate in the shape of the "
           "film",
           file, camera.width, camera.height, in.width, in.height);
    // Places count from the centre of the first sample, so its edge is at -0.5.
    const cv::Matx33d larger(x, 0, (x - 1) / 2, 0, y, (y - 1) / 2, 0, 0, 1);
    camera.matrix = larger * camera.matrix;
  }

  cv::Matx33d view(const Camera& camera, cv::Size size) const {
    return cv::Matx33d(
        cv::getOptimalNewCameraMatrix(camera.matrix, camera.distortion, size, keep, size));
  }
  cv::Matx33d view_of_fisheye(const Camera& camera, cv::Size size) const {
    cv::Mat found;
    cv::fisheye::estimateNewCameraMatrixForUndistortRectify(camera.matrix, camera.distortion, size,
                                                            cv::Matx33d::eye(), found, keep);
    return cv::Matx33d(found);
  }

  std::unique_ptr<Warp> warp_;
};

}  // namespace

StageInfo undistort_stage() {
  return {.name = "undistort",
          .summary = "Straighten what a lens bent, by a calibration of OpenCV",
          .kind = "geometry",
          .params = {param("file", &Undistort::file, "the calibration, YAML, XML or JSON of OpenCV")
                         .required()
                         .shorthand(),
                     param("lens", &Undistort::lens, "the model it was calibrated with")
                         .one_of({"normal", "fisheye"}),
                     param("keep", &Undistort::keep,
                           "0: cut until no border is seen; 1: keep all that was seen")
                         .range(0, 1),
                     param("method", &Undistort::method, "how samples between samples are made")
                         .one_of({"linear", "cubic", "lanczos"}),
                     param("colour", &Undistort::colour, "beyond the picture")
                         .one_of({"black", "gray", "white", "edge"})},
          .make = make_stage<Undistort>};
}

}  // namespace quadrant
