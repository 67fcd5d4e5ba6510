#include "tiff.h"

#include <string.h>

#include <tiffio.h>

// file is a file in memory that is read.
typedef struct {
	const uint8_t *b;
	toff_t size, at;
} file;

static tmsize_t file_read(thandle_t h, void *to, tmsize_t n) {
	file *f = h;
	toff_t left = f->at < f->size ? f->size - f->at : 0;
	if ((toff_t)n > left)
		n = (tmsize_t)left;
	memcpy(to, f->b + f->at, (size_t)n);
	f->at += (toff_t)n;
	return n;
}

static tmsize_t file_write(thandle_t h, void *from, tmsize_t n) { return 0; }

static toff_t file_seek(thandle_t h, toff_t to, int whence) {
	file *f = h;
	switch (whence) {
	case SEEK_CUR:
		to += f->at;
		break;
	case SEEK_END:
		to += f->size;
		break;
	}
	return f->at = to;
}

static int file_close(thandle_t h) { return 0; }
static toff_t file_size(thandle_t h) { return ((file *)h)->size; }

static PIX *rgb(TIFF *tif, uint32_t width, uint32_t height) {
	uint32_t w = 0, h = 0;
	PIX *pix;
	l_uint32 *data;
	size_t n, i;
	TIFFGetField(tif, TIFFTAG_IMAGEWIDTH, &w);
	TIFFGetField(tif, TIFFTAG_IMAGELENGTH, &h);
	if (w != width || h != height)
		return NULL;
	pix = pixCreate((l_int32)w, (l_int32)h, 32);
	if (pix == NULL)
		return NULL;
	data = pixGetData(pix);
	if (!TIFFReadRGBAImageOriented(tif, w, h, data, ORIENTATION_TOPLEFT, 1)) {
		pixDestroy(&pix);
		return NULL;
	}
	n = (size_t)w * h; // a row of 32 bits a pixel has no padding
	for (i = 0; i < n; i++)
		data[i] = __builtin_bswap32(data[i]); // ABGR, libtiff's order, to RGBA
	pixSetSpp(pix, 4);
	return pix;
}

PIX *tiff_rgb(const uint8_t *b, size_t n, uint32_t offset, uint32_t width, uint32_t height) {
	file f = {b, n, 0};
	PIX *pix = NULL;
	TIFF *tif;
	TIFFSetErrorHandler(NULL);
	TIFFSetWarningHandler(NULL);
	tif = TIFFClientOpen("memory", "rm", &f, file_read, file_write, file_seek, file_close, file_size, NULL, NULL);
	if (tif == NULL)
		return NULL;
	if (TIFFSetSubDirectory(tif, offset))
		pix = rgb(tif, width, height);
	TIFFClose(tif);
	return pix;
}
