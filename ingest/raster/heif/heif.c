#include "heif.h"

#include <string.h>

#include <libheif/heif.h>

static int failed(photo *p, struct heif_error e) {
	p->code = e.code;
	if (e.code != heif_error_Ok)
		strncpy(p->message, e.message, sizeof p->message - 1);
	return p->code;
}

int photo_open(photo *p, const void *b, size_t n) {
	struct heif_image_handle *handle = NULL;
	struct heif_context *ctx = heif_context_alloc();
	if (ctx == NULL)
		return p->code = heif_error_Memory_allocation_error;
	p->ctx = ctx;
	heif_context_set_max_decoding_threads(ctx, 0);
	if (failed(p, heif_context_read_from_memory_without_copy(ctx, b, n, NULL)))
		return p->code;
	if (failed(p, heif_context_get_primary_image_handle(ctx, &handle)))
		return p->code;
	p->handle = handle;
	p->width = heif_image_handle_get_width(handle);
	p->height = heif_image_handle_get_height(handle);
	p->alpha = heif_image_handle_has_alpha_channel(handle);
	p->bits = heif_image_handle_get_luma_bits_per_pixel(handle);
	return 0;
}

int photo_decode(photo *p) {
	enum heif_chroma chroma = p->alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
	struct heif_image *image = NULL;
	struct heif_decoding_options *o = heif_decoding_options_alloc();
	if (o == NULL)
		return p->code = heif_error_Memory_allocation_error;
	o->convert_hdr_to_8bit = 1;
	o->strict_decoding = 1;
	failed(p, heif_decode_image(p->handle, &image, heif_colorspace_RGB, chroma, o));
	heif_decoding_options_free(o);
	if (p->code)
		return p->code;
	p->image = image;
	p->width = heif_image_get_width(image, heif_channel_interleaved);
	p->height = heif_image_get_height(image, heif_channel_interleaved);
	p->pixels = heif_image_get_plane_readonly(image, heif_channel_interleaved, &p->stride);
	return p->pixels ? 0 : (p->code = heif_error_Decoder_plugin_error);
}

size_t photo_profile(photo *p) {
	return heif_image_handle_get_raw_color_profile_size(p->handle);
}

int photo_copy_profile(photo *p, void *to) {
	return failed(p, heif_image_handle_get_raw_color_profile(p->handle, to));
}

void photo_close(photo *p) {
	heif_image_release(p->image);
	heif_image_handle_release(p->handle);
	heif_context_free(p->ctx);
}
