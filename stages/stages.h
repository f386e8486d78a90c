// SPDX-License-Identifier: MIT
#pragma once

#include "pipeline/contract/stage.h"

namespace quadrant {

// All stages, in the order of the manual. A list rather than self-registration: a static library
// loses nothing, and there is no order of initialisation.
const Catalogue& all_stages();

}  // namespace quadrant
