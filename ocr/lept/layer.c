#include "layer.h"

#include <stdlib.h>
#include <string.h>

/* The loops over pixels of layer.go, which says what they are for. */

/* layer_chroma fills luma, cb and cr, nx by ny, with the mean brightness and
 * chroma of each cell of a 32-bit page (BT.601, chroma without its offset). Every second pixel is enough:
 * JPEG keeps no more. */
void layer_chroma(PIX *colour, int cell, int nx, int ny, l_uint8 *luma, l_int8 *cb, l_int8 *cr) {
    int w = pixGetWidth(colour), h = pixGetHeight(colour), wpl = pixGetWpl(colour);
    const l_uint32 *pixels = pixGetData(colour);
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            int x0 = i * cell, y0 = j * cell, x1 = x0 + cell < w ? x0 + cell : w, y1 = y0 + cell < h ? y0 + cell : h;
            int r = 0, g = 0, b = 0, n = 0;
            for (int y = y0; y < y1; y += 2) {
                const l_uint32 *s = pixels + (size_t)y * wpl;
                for (int x = x0; x < x1; x += 2, n++) {
                    r += s[x] >> 24;
                    g += s[x] >> 16 & 255;
                    b += s[x] >> 8 & 255;
                }
            }
            int blue = (-43 * r - 85 * g + 128 * b) / (256 * n), red = (128 * r - 107 * g - 21 * b) / (256 * n);
            luma[j * nx + i] = (77 * r + 150 * g + 29 * b) / (256 * n);
            cb[j * nx + i] = blue;
            cr[j * nx + i] = red;
        }
}

/* layer_strokes counts in each cell the pixels that are darker than percent
 * of their paper, and those of them that are in mask. grid is tile, nx of bg,
 * percent, cell, nx of the cells. */
void layer_strokes(PIX *gray, PIX *mask, const l_uint8 *bg, const int *grid, l_uint16 *wide, l_uint16 *dark) {
    int tile = grid[0], bx = grid[1], percent = grid[2], cell = grid[3], cx = grid[4];
    int w = pixGetWidth(gray), h = pixGetHeight(gray), wg = pixGetWpl(gray), wm = pixGetWpl(mask);
    for (int y = 0; y < h; y++) {
        const l_uint32 *s = pixGetData(gray) + (size_t)y * wg, *m = pixGetData(mask) + (size_t)y * wm;
        const l_uint8 *paper = bg + (size_t)(y / tile) * bx;
        l_uint16 *wrow = wide + (size_t)(y / cell) * cx, *drow = dark + (size_t)(y / cell) * cx;
        for (int x0 = 0, i = 0; x0 < w; x0 += tile, i++) {
            int limit = paper[i] * percent / 100, x1 = x0 + tile < w ? x0 + tile : w;
            for (int x = x0; x < x1; x++) {
                if (GET_DATA_BYTE(s, x) >= limit) continue;
                wrow[x / cell]++;
                if (GET_DATA_BIT(m, x)) drow[x / cell]++;
            }
        }
    }
}

/* plane is one channel of a small image with a weight a pixel: 0 is a hole. */
typedef struct {
    int w, h;
    l_uint8 *v[3], *weight;
} plane;

static int plane_new(plane *p, int w, int h, int channels) {
    memset(p, 0, sizeof *p);
    p->w = w;
    p->h = h;
    size_t n = (size_t)w * h;
    l_uint8 *all = calloc(n, channels + 1);
    if (!all) return 0;
    p->weight = all;
    for (int c = 0; c < channels; c++) p->v[c] = all + n * (c + 1);
    return 1;
}

/* shrink makes the next coarser level: the weighted mean of four. */
static void shrink(const plane *fine, plane *coarse, int channels) {
    for (int y = 0; y < coarse->h; y++)
        for (int x = 0; x < coarse->w; x++) {
            int sum[3] = {0, 0, 0}, total = 0;
            for (int k = 0; k < 4; k++) {
                int fx = 2 * x + (k & 1), fy = 2 * y + (k >> 1);
                if (fx >= fine->w || fy >= fine->h) continue;
                size_t at = (size_t)fy * fine->w + fx;
                int wt = fine->weight[at];
                total += wt;
                for (int c = 0; wt && c < channels; c++) sum[c] += wt * fine->v[c][at];
            }
            size_t at = (size_t)y * coarse->w + x;
            coarse->weight[at] = total < 255 ? total : 255;
            for (int c = 0; total && c < channels; c++) coarse->v[c][at] = (sum[c] + total / 2) / total;
        }
}

/* fill gives the holes of a level what the coarser one has there, between
 * the centres of its four nearest pixels. */
static void fill(plane *fine, const plane *coarse, int channels) {
    for (int y = 0; y < fine->h; y++)
        for (int x = 0; x < fine->w; x++) {
            size_t at = (size_t)y * fine->w + x;
            if (fine->weight[at]) continue;
            int cx = x / 2, cy = y / 2, ox = cx + (x & 1 ? 1 : -1), oy = cy + (y & 1 ? 1 : -1);
            if (ox < 0 || ox >= coarse->w) ox = cx;
            if (oy < 0 || oy >= coarse->h) oy = cy;
            for (int c = 0; c < channels; c++) {
                const l_uint8 *v = coarse->v[c];
                int w = coarse->w;
                fine->v[c][at] = (9 * v[cy * w + cx] + 3 * v[cy * w + ox] + 3 * v[oy * w + cx] + v[oy * w + ox] + 8) / 16;
            }
        }
}

/* complete closes the holes of p, however large: a pyramid down and up. */
static int complete(plane *p, int channels) {
    if (p->w <= 1 && p->h <= 1) {
        if (!p->weight[0])
            for (int c = 0; c < channels; c++) p->v[c][0] = 255;
        return 1;
    }
    plane coarse;
    if (!plane_new(&coarse, (p->w + 1) / 2, (p->h + 1) / 2, channels)) return 0;
    shrink(p, &coarse, channels);
    int ok = complete(&coarse, channels);
    if (ok) fill(p, &coarse, channels);
    free(coarse.weight);
    return ok;
}

/* total is the sum of bare pixels of a block. */
typedef struct { int v[3], n; } total;

/* bare adds the pixels x0 to x1 of a row that the cover c leaves bare. */
static inline void bare(total *t, const l_uint32 *s, const l_uint32 *c, int x0, int x1, int channels) {
    for (int x = x0; x < x1; x++) {
        int keep = (int)(c[x >> 5] >> (31 - (x & 31)) & 1) - 1; /* no branch: text is not foreseen */
        t->n -= keep;
        if (channels == 1) {
            t->v[0] += GET_DATA_BYTE(s, x) & keep;
            continue;
        }
        t->v[0] += (int)(s[x] >> 24) & keep;
        t->v[1] += (int)(s[x] >> 16 & 255) & keep;
        t->v[2] += (int)(s[x] >> 8 & 255) & keep;
    }
}

/* gather puts the mean of the uncovered pixels of each block of factor by
 * factor into p. A block of which less than a quarter is bare is a hole. */
static void gather(PIX *page, PIX *cover, int factor, plane *p, int channels) {
    int w = pixGetWidth(page), h = pixGetHeight(page), ws = pixGetWpl(page), wc = pixGetWpl(cover);
    const l_uint32 *pixels = pixGetData(page), *covers = pixGetData(cover);
    for (int j = 0; j < p->h; j++)
        for (int i = 0; i < p->w; i++) {
            int x0 = i * factor, y0 = j * factor, x1 = x0 + factor < w ? x0 + factor : w, y1 = y0 + factor < h ? y0 + factor : h;
            total t = {{0, 0, 0}, 0};
            for (int y = y0; y < y1; y++) {
                const l_uint32 *s = pixels + (size_t)y * ws, *c = covers + (size_t)y * wc;
                if (channels == 1) bare(&t, s, c, x0, x1, 1);
                else bare(&t, s, c, x0, x1, 3);
            }
            if (t.n == 0 || 4 * t.n < (x1 - x0) * (y1 - y0)) continue;
            size_t at = (size_t)j * p->w + i;
            p->weight[at] = 1;
            for (int c = 0; c < channels; c++) p->v[c][at] = (t.v[c] + t.n / 2) / t.n;
        }
}

/* layer_paper is the page at 1/factor of its size without what cover hides,
 * in its place what is around it. The page has 8 or 32 bits. */
PIX *layer_paper(PIX *page, PIX *cover, int factor) {
    int channels = pixGetDepth(page) == 32 ? 3 : 1;
    int w = (pixGetWidth(page) + factor - 1) / factor, h = (pixGetHeight(page) + factor - 1) / factor;
    plane p;
    if (!plane_new(&p, w, h, channels)) return NULL;
    gather(page, cover, factor, &p, channels);
    PIX *out = complete(&p, channels) ? pixCreate(w, h, channels == 3 ? 32 : 8) : NULL;
    for (int y = 0; out && y < h; y++) {
        l_uint32 *d = pixGetData(out) + (size_t)y * pixGetWpl(out);
        size_t row = (size_t)y * w;
        for (int x = 0; x < w; x++) {
            if (channels == 1) SET_DATA_BYTE(d, x, p.v[0][row + x]);
            else d[x] = (l_uint32)p.v[0][row + x] << 24 | p.v[1][row + x] << 16 | p.v[2][row + x] << 8;
        }
    }
    free(p.weight);
    return out;
}

/* layer_ink_colour is the mean colour of those pixels under mask that are at
 * most as bright as their mean: the cores of strokes, not their edges. */
void layer_ink_colour(PIX *page, PIX *mask, l_int32 *rgb) {
    int w = pixGetWidth(page), h = pixGetHeight(page), ws = pixGetWpl(page), wm = pixGetWpl(mask);
    int colour = pixGetDepth(page) == 32, limit = 255;
    rgb[0] = rgb[1] = rgb[2] = 0;
    for (int pass = 0; pass < 2; pass++) {
        l_int64 sum[3] = {0, 0, 0}, bright = 0, n = 0;
        for (int y = 0; y < h; y += 2) {
            const l_uint32 *s = pixGetData(page) + (size_t)y * ws, *m = pixGetData(mask) + (size_t)y * wm;
            for (int x = 0; x < w; x++) {
                if (!(x & 31) && !m[x >> 5]) { x += 31; continue; }
                if (!GET_DATA_BIT(m, x)) continue;
                int r, g, b;
                if (colour) { r = s[x] >> 24; g = s[x] >> 16 & 255; b = s[x] >> 8 & 255; }
                else r = g = b = GET_DATA_BYTE(s, x);
                int v = (77 * r + 151 * g + 28 * b) >> 8;
                if (v > limit) continue;
                sum[0] += r; sum[1] += g; sum[2] += b; bright += v; n++;
            }
        }
        if (!n) return;
        limit = bright / n;
        for (int c = 0; c < 3; c++) rgb[c] = sum[c] / n;
    }
}

/* layer_colour_ink is 1 where a 32-bit page has coloured ink: its darkest
 * channel is below the limit of the cell (0 in cells without such ink), and
 * its channels differ by at least excess. */
PIX *layer_colour_ink(PIX *colour, int cell, int nx, const l_uint8 *limit, int excess) {
    l_int32 w = pixGetWidth(colour), h = pixGetHeight(colour);
    PIX *mask = pixCreate(w, h, 1);
    if (!mask) return NULL;
    l_int32 ws = pixGetWpl(colour), wd = pixGetWpl(mask);
    for (l_int32 y = 0; y < h; y++) {
        const l_uint32 *s = pixGetData(colour) + (size_t)y * ws;
        l_uint32 *d = pixGetData(mask) + (size_t)y * wd;
        const l_uint8 *row = limit + (y / cell) * nx;
        for (l_int32 x0 = 0, i = 0; x0 < w; x0 += cell, i++) {
            if (!row[i]) continue;
            for (l_int32 x = x0; x < x0 + cell && x < w; x++) {
                int r = s[x] >> 24, g = s[x] >> 16 & 255, b = s[x] >> 8 & 255;
                int most = r > g ? (r > b ? r : b) : (g > b ? g : b), least = r < g ? (r < b ? r : b) : (g < b ? g : b);
                if (least < row[i] && most - least >= excess) SET_DATA_BIT(d, x);
            }
        }
    }
    return mask;
}

/* layer_pack copies a 1-bit image as bytes, first pixel in the highest bit,
 * and clears what stands behind the last column. */
void layer_pack(PIX *mask, int stride, l_uint8 *out) {
    int w = pixGetWidth(mask), h = pixGetHeight(mask), wpl = pixGetWpl(mask);
    for (int y = 0; y < h; y++) {
        const l_uint32 *s = pixGetData(mask) + (size_t)y * wpl;
        l_uint8 *d = out + (size_t)y * stride;
        for (int i = 0; i < stride; i++) d[i] = GET_DATA_BYTE(s, i);
        if (w & 7) d[stride - 1] &= 0xff << (8 - (w & 7));
    }
}

/* layer_bytes copies an 8-bit image, or a 1-bit one as black and white, as one
 * byte a pixel. */
void layer_bytes(PIX *gray, l_uint8 *out) {
    int w = pixGetWidth(gray), h = pixGetHeight(gray), wpl = pixGetWpl(gray), bits = pixGetDepth(gray) == 1;
    for (int y = 0; y < h; y++) {
        const l_uint32 *s = pixGetData(gray) + (size_t)y * wpl;
        l_uint8 *d = out + (size_t)y * w;
        for (int x = 0; x < w; x++) d[x] = bits ? (GET_DATA_BIT(s, x) ? 0 : 255) : GET_DATA_BYTE(s, x);
    }
}

/* block is what a square of 32 by 32 pixels of a mask holds. */
typedef struct { short ink, across, down; } block;

static block measure(const l_uint32 *s, int wpl, int rows) {
    block b = {0, 0, 0};
    for (int y = 0; y < rows; y++, s += wpl) {
        b.ink += __builtin_popcount(*s);
        b.across += __builtin_popcount((*s ^ *s >> 1) & 0x7fffffff);
        if (y + 1 < rows) b.down += __builtin_popcount(*s ^ s[wpl]);
    }
    return b;
}

/* barlike: edges in one direction, hardly any in the other. */
static int barlike(block b) {
    int most = b.across > b.down ? b.across : b.down, least = b.across + b.down - most;
    return most >= 80 && 6 * least <= most;
}

/* gridlike: about as much ink as paper. */
static int gridlike(block b) { return b.ink >= 200 && b.ink <= 824 && b.across >= 20 && b.down >= 20; }

/* layer_codelike tells whether a mask has the look of a code anywhere: side by
 * side blocks as a QR code has them, or a row of six with bars alone. */
int layer_codelike(PIX *mask, int side) {
    int nx = pixGetWidth(mask) / 32, h = pixGetHeight(mask), wpl = pixGetWpl(mask), ny = h / 32, found = 0;
    l_uint8 *run = calloc(2 * (size_t)nx + 1, 1); /* of each column, how many blocks end here */
    if (!run) return 1;
    l_uint8 *grid = run, *bars = run + nx;
    for (int j = 0; j < ny && !found; j++) {
        int level = 0, row = 0;
        for (int i = 0; i < nx && !found; i++) {
            block b = measure(pixGetData(mask) + (size_t)j * 32 * wpl + i, wpl, 32);
            int bar = barlike(b);
            grid[i] = gridlike(b) && grid[i] < 255 ? grid[i] + 1 : 0; /* so many of them downwards */
            bars[i] = bar && bars[i] < 255 ? bars[i] + 1 : 0;
            level = grid[i] >= side ? level + 1 : 0;
            row = bar ? row + 1 : 0;
            found = level >= side || row >= 6 || bars[i] >= 6;
        }
    }
    free(run);
    return found;
}

/* layer_stain draws ink of one brightness over an 8-bit image, as far as
 * coverage (8 bits, 0 is full) says. */
void layer_stain(PIX *gray, PIX *coverage, int value) {
    int w = pixGetWidth(gray), h = pixGetHeight(gray), wd = pixGetWpl(gray), wc = pixGetWpl(coverage);
    if (pixGetWidth(coverage) < w) w = pixGetWidth(coverage);
    if (pixGetHeight(coverage) < h) h = pixGetHeight(coverage);
    for (int y = 0; y < h; y++) {
        l_uint32 *d = pixGetData(gray) + (size_t)y * wd;
        const l_uint32 *c = pixGetData(coverage) + (size_t)y * wc;
        for (int x = 0; x < w; x++) {
            int bare = GET_DATA_BYTE(c, x);
            if (bare == 255) continue;
            SET_DATA_BYTE(d, x, (GET_DATA_BYTE(d, x) * bare + value * (255 - bare)) / 255);
        }
    }
}

/* layer_alike compares two 8-bit images window by window; grid is the side of
 * one, and how many there are across and down. out is the structural
 * similarity (Wang et al. 2004, with the constants of 8 bits), detail the
 * variance of a, shade the difference of the means. */
void layer_alike(PIX *a, PIX *b, const int *grid, float *out, float *detail, float *shade) {
    int side = grid[0], nx = grid[1], ny = grid[2];
    const float c1 = 6.5f, c2 = 58.5f;
    int wa = pixGetWpl(a), wb = pixGetWpl(b), n = side * side;
    const l_uint32 *first = pixGetData(a), *second = pixGetData(b);
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            int sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
            for (int y = j * side; y < (j + 1) * side; y++) {
                const l_uint32 *p = first + (size_t)y * wa, *q = second + (size_t)y * wb;
                for (int x = i * side; x < (i + 1) * side; x++) {
                    int u = GET_DATA_BYTE(p, x), v = GET_DATA_BYTE(q, x);
                    sa += u; sb += v; aa += u * u; bb += v * v; ab += u * v;
                }
            }
            float ma = (float)sa / n, mb = (float)sb / n;
            float va = (float)aa / n - ma * ma, vb = (float)bb / n - mb * mb, cov = (float)ab / n - ma * mb;
            out[j * nx + i] = (2 * ma * mb + c1) * (2 * cov + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
            detail[j * nx + i] = va;
            shade[j * nx + i] = ma > mb ? ma - mb : mb - ma;
        }
}
