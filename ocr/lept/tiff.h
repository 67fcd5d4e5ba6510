// Decoding of TIFF frames in memory by libtiff alone.
#ifndef SOHOA_LEPT_TIFF_H
#define SOHOA_LEPT_TIFF_H

#include <stddef.h>
#include <stdint.h>

#include <leptonica/allheaders.h>

// tiff_rgb decodes the frame whose directory is at offset, whatever its
// layout, into 32 bits a pixel; NULL if that cannot be done, or if it is not
// of the size that was checked: of a tag that is there twice, libtiff may
// believe the other.
PIX *tiff_rgb(const uint8_t *b, size_t n, uint32_t offset, uint32_t width, uint32_t height);

#endif
