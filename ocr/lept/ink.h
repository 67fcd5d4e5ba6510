#ifndef SOHOA_INK_H
#define SOHOA_INK_H

#include <leptonica/allheaders.h>

PIX *ink_gray(PIX *colour);
void ink_background(PIX *gray, int tile, int nx, int ny, l_uint8 *out);
void ink_dark(PIX *gray, int tile, int nx, int ny, const l_uint8 *bg, l_uint8 *out);
PIX *ink_mask(PIX *gray, int tile, int nx, const l_uint8 *bg, int percent);
PIX *ink_flatten(PIX *gray, int tile, int nx, int ny, const l_uint8 *bg);

#endif
