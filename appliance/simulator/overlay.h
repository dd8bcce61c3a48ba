/* The boxes that incubators burn into an exported picture: "Well 3" bottom left, "33.0 h" bottom right. */
#pragma once

#include "base/image.h"

void overlay_draw(struct image *image, int well, double hour);
