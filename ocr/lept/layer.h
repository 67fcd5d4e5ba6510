#ifndef SOHOA_LAYER_H
#define SOHOA_LAYER_H

#include <leptonica/allheaders.h>

void layer_chroma(PIX *colour, int cell, int nx, int ny, l_uint8 *luma, l_int8 *cb, l_int8 *cr);
void layer_strokes(PIX *gray, PIX *mask, const l_uint8 *bg, const int *grid, l_uint16 *wide, l_uint16 *dark);
PIX *layer_paper(PIX *page, PIX *cover, int factor);
void layer_ink_colour(PIX *page, PIX *mask, l_int32 *rgb);
PIX *layer_colour_ink(PIX *colour, int cell, int nx, const l_uint8 *limit, int excess);
void layer_pack(PIX *mask, int stride, l_uint8 *out);
void layer_bytes(PIX *gray, l_uint8 *out);
int layer_codelike(PIX *mask, int side);
void layer_stain(PIX *gray, PIX *coverage, int value);
int layer_jpeg(PIX *pix, int quality, int step, l_uint8 **out, unsigned long *size);
void layer_alike(PIX *a, PIX *b, const int *grid, float *out, float *detail, float *shade);

#endif
