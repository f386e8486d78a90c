// SPDX-License-Identifier: MIT
#include "pipeline/media/picture_file.h"

#include <sys/stat.h>

#include "pipeline/error.h"
#include "pipeline/media/decode.h"
#include "pipeline/media/input.h"

namespace quadrant {

Frame read_picture(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode))
    fail(Fault::input,
         "{}: there is no such file; the name is relative to the directory in which "
         "quadrant was started",
         path);
  const StopFlag stop;
  Input input(path, stop);
  Frame first;
  if (input.info().video >= 0) {
    Decoder decoder(input);
    for (bool more = true; more && !first;) {
      const Packet packet = input.read();
      more = static_cast<bool>(packet);
      if (more && packet.stream() != input.info().video) continue;
      decoder.decode(packet, [&](Frame frame) {
        if (!first) first = std::move(frame);
      });
    }
    decoder.take_diagnostics();
  }
  input.take_diagnostics();
  if (!first) fail(Fault::input, "{}: there is no picture in it", path);
  return first;
}

}  // namespace quadrant
