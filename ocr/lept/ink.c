#include "ink.h"

/* The loops over pixels of ink.go, which says what they are for. */

/* ink_gray makes 8 bits of 32: the luminance, except that red seals are
 * lifted towards the red channel, in which they nearly vanish. */
PIX *ink_gray(PIX *colour) {
    const int from = 20, width = 30; /* excess of red that is a seal: none below, surely above */
    l_int32 w = pixGetWidth(colour), h = pixGetHeight(colour);
    PIX *gray = pixCreateNoInit(w, h, 8);
    if (!gray) return NULL;
    l_int32 ws = pixGetWpl(colour), wd = pixGetWpl(gray);
    for (l_int32 y = 0; y < h; y++) {
        const l_uint32 *s = pixGetData(colour) + (size_t)y * ws;
        l_uint32 *d = pixGetData(gray) + (size_t)y * wd;
        for (l_int32 x = 0; x < w; x++) {
            int r = s[x] >> 24, g = s[x] >> 16 & 255, b = s[x] >> 8 & 255;
            int v = (77 * r + 151 * g + 28 * b) >> 8, red = r - (g > b ? g : b) - from;
            if (red >= width) v = r;
            else if (red > 0) v += (r - v) * red / width;
            SET_DATA_BYTE(d, x, v);
        }
    }
    pixCopyResolution(gray, colour);
    return gray;
}

/* bright is the mean of those pixels of a tile that are at least as bright as
 * its mean: the paper between the strokes. Every fourth pixel is enough. */
static int bright(PIX *gray, int x0, int y0, int x1, int y1) {
    l_int32 wpl = pixGetWpl(gray), mean = 0, n = 0;
    l_int64 sum = 0;
    for (int pass = 0; pass < 2; pass++) {
        sum = n = 0;
        for (int y = y0; y < y1; y += 2) {
            const l_uint32 *s = pixGetData(gray) + (size_t)y * wpl;
            for (int x = x0; x < x1; x += 2) {
                int v = GET_DATA_BYTE(s, x);
                if (v >= mean) { sum += v; n++; }
            }
        }
        mean = n ? sum / n : 255;
    }
    return mean;
}

/* ink_background fills out, nx by ny, with the brightness of paper in each tile. */
void ink_background(PIX *gray, int tile, int nx, int ny, l_uint8 *out) {
    int w = pixGetWidth(gray), h = pixGetHeight(gray);
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            int x1 = (i + 1) * tile, y1 = (j + 1) * tile;
            out[j * nx + i] = bright(gray, i * tile, j * tile, x1 < w ? x1 : w, y1 < h ? y1 : h);
        }
}

/* ink_dark fills out with the mean brightness of the strokes in each tile: of
 * what is below four fifths of its background. 0 is hardly any. */
void ink_dark(PIX *gray, int tile, int nx, int ny, const l_uint8 *bg, l_uint8 *out) {
    int w = pixGetWidth(gray), h = pixGetHeight(gray), wpl = pixGetWpl(gray);
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            int limit = bg[j * nx + i] * 4 / 5, sum = 0, n = 0, all = 0;
            for (int y = j * tile; y < (j + 1) * tile && y < h; y += 2) {
                const l_uint32 *s = pixGetData(gray) + (size_t)y * wpl;
                for (int x = i * tile; x < (i + 1) * tile && x < w; x += 2, all++) {
                    int v = GET_DATA_BYTE(s, x), ink = v < limit;
                    sum += ink ? v : 0;
                    n += ink;
                }
            }
            out[j * nx + i] = 50 * n > all ? sum / n : 0;
        }
}

/* ink_mask is 1 where gray is darker than percent of its tile's background. */
PIX *ink_mask(PIX *gray, int tile, int nx, const l_uint8 *bg, int percent) {
    l_int32 w = pixGetWidth(gray), h = pixGetHeight(gray);
    PIX *mask = pixCreate(w, h, 1);
    if (!mask) return NULL;
    l_int32 ws = pixGetWpl(gray), wd = pixGetWpl(mask);
    for (l_int32 y = 0; y < h; y++) {
        const l_uint32 *s = pixGetData(gray) + (size_t)y * ws;
        l_uint32 *d = pixGetData(mask) + (size_t)y * wd;
        const l_uint8 *row = bg + (y / tile) * nx;
        for (l_int32 x0 = 0, i = 0; x0 < w; x0 += tile, i++) {
            int limit = row[i] * percent / 100, x1 = x0 + tile < w ? x0 + tile : w;
            for (l_int32 x = x0; x < x1; x++)
                if (GET_DATA_BYTE(s, x) < limit) SET_DATA_BIT(d, x);
        }
    }
    pixCopyResolution(mask, gray);
    return mask;
}

/* between interpolates bg between the centres of tiles; fx and fy are 0 to tile. */
static inline int between(const l_uint8 *a, const l_uint8 *b, int i, int i1, int fx, int fy, int tile) {
    int top = a[i] * (tile - fx) + a[i1] * fx, low = b[i] * (tile - fx) + b[i1] * fx;
    return (top * (tile - fy) + low * fy) / (tile * tile);
}

/* ink_flatten scales every pixel so that its background becomes white. */
PIX *ink_flatten(PIX *gray, int tile, int nx, int ny, const l_uint8 *bg) {
    l_int32 w = pixGetWidth(gray), h = pixGetHeight(gray);
    PIX *flat = pixCreateNoInit(w, h, 8);
    if (!flat) return NULL;
    l_int32 ws = pixGetWpl(gray), wd = pixGetWpl(flat);
    for (l_int32 y = 0; y < h; y++) {
        const l_uint32 *s = pixGetData(gray) + (size_t)y * ws;
        l_uint32 *d = pixGetData(flat) + (size_t)y * wd;
        int yc = y - tile / 2 > 0 ? y - tile / 2 : 0, j = yc / tile, fy = yc % tile;
        const l_uint8 *a = bg + j * nx, *b = j + 1 < ny ? a + nx : a;
        for (l_int32 x = 0; x < w; x++) {
            int xc = x - tile / 2 > 0 ? x - tile / 2 : 0, i = xc / tile;
            int paper = between(a, b, i, i + 1 < nx ? i + 1 : i, xc % tile, fy, tile);
            int v = GET_DATA_BYTE(s, x) * 240 / (paper > 0 ? paper : 1);
            SET_DATA_BYTE(d, x, v < 255 ? v : 255);
        }
    }
    pixCopyResolution(flat, gray);
    return flat;
}
