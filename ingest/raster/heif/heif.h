// What heif.go asks of libheif, without callbacks and varying structs.
#ifndef SOHOA_HEIF_H
#define SOHOA_HEIF_H

#include <stddef.h>
#include <stdint.h>

// photo is the primary image of a file, upright.
typedef struct {
	int width, height; // after the transformations that the file asks for
	int alpha;         // pixels have a fourth byte, their opacity
	int bits;          // of a sample, as coded
	void *ctx, *handle, *image;
	const uint8_t *pixels; // once decoded
	int stride;
	int code;          // of the error; 0 is none
	char message[200]; // of the error
} photo;

// photo_open reads the header of the file b, which must stay where it is
// until photo_close.
int photo_open(photo *p, const void *b, size_t n);

// photo_decode makes the pixels.
int photo_decode(photo *p);

// photo_profile returns the size of the ICC profile, 0 if there is none.
size_t photo_profile(photo *p);
int photo_copy_profile(photo *p, void *to);

void photo_close(photo *p);

#endif
