// SPDX-License-Identifier: MIT
#pragma once

#include "pipeline/contract/stage.h"

namespace quadrant {

// Every stage there is, in the order of the manual. A list rather than self-registration: nothing
// is lost in a static library and there is no order of initialisation.
const Catalogue& all_stages();

}  // namespace quadrant
