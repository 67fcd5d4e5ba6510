#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layer.h"

#include <jpeglib.h>

/* Our own call of libjpeg, for what leptonica's writer does not have: Huffman
 * tables made for the image, and a bound on the step of a block's mean. */

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf back;
} errors;

static void fail(j_common_ptr info) { longjmp(((errors *)info->err)->back, 1); }

static void silent(j_common_ptr info) { (void)info; }

/* bound makes the step of the mean of a block at most step eighths of a level. */
static void bound(struct jpeg_compress_struct *info, int step) {
    for (int i = 0; i < NUM_QUANT_TBLS; i++) {
        JQUANT_TBL *t = info->quant_tbl_ptrs[i];
        if (t && t->quantval[0] > step) t->quantval[0] = step;
    }
}

/* fetch copies row y of an image of 8 or 32 bits as bytes. */
static void fetch(PIX *pix, int y, int channels, l_uint8 *row) {
    const l_uint32 *s = pixGetData(pix) + (size_t)y * pixGetWpl(pix);
    int w = pixGetWidth(pix);
    for (int x = 0; x < w; x++) {
        if (channels == 1) {
            row[x] = GET_DATA_BYTE(s, x);
            continue;
        }
        *row++ = s[x] >> 24;
        *row++ = s[x] >> 16;
        *row++ = s[x] >> 8;
    }
}

/* layer_jpeg writes pix, of 8 or 32 bits, and returns 0 and what the caller
 * frees, or 1 if it cannot. */
int layer_jpeg(PIX *pix, int quality, int step, l_uint8 **out, unsigned long *size) {
    int channels = pixGetDepth(pix) == 32 ? 3 : 1, h = pixGetHeight(pix);
    struct jpeg_compress_struct info;
    errors err;
    l_uint8 *row = malloc((size_t)pixGetWidth(pix) * channels);
    memset(&info, 0, sizeof info);
    info.err = jpeg_std_error(&err.base);
    err.base.error_exit = fail;
    err.base.output_message = silent;
    if (!row || setjmp(err.back)) {
        if (row) jpeg_destroy_compress(&info);
        free(row);
        *out = NULL; /* libjpeg may have moved it */
        return 1;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, out, size);
    info.image_width = pixGetWidth(pix);
    info.image_height = h;
    info.input_components = channels;
    info.in_color_space = channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    bound(&info, step);
    info.optimize_coding = TRUE;
    jpeg_start_compress(&info, TRUE);
    for (int y = 0; y < h; y++) {
        fetch(pix, y, channels, row);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    free(row);
    return 0;
}
