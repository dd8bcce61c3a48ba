/* The network's operators for x86 with AVX-512 VNNI: one instruction multiplies 64 pairs of u8 and s8 and
 * adds them, four at a time, to 16 sums of 32 bits. It does not saturate, so the bits are those of plain C.
 *
 * A tile is up to 8 neighbouring pixels of a row times up to 2 blocks of 16 output channels: 16 sums that
 * stay in registers while the window runs past. (A third block would fit, but its weights no longer stay in
 * the first cache.) Each step loads one register of weights for each block and repeats four input bytes of
 * each pixel, so most of what is issued multiplies. */
#include "reading/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8")
#if defined(__clang__)
#undef UNROLL
#define UNROLL _Pragma("clang loop unroll(full)")
#endif

enum { PIXELS_MAX = 8, BLOCKS_MAX = 2 };

/* How 16 sums of one block become bytes. */
struct scaling {
	__m512i even, odd;           /* multipliers of every second channel, in 64 bits */
	__m512i even_half, odd_half; /* what rounds */
	__m512i shift;               /* beyond 32 */
	__mmask16 kept;              /* channels that there are */
};

TARGET INLINE struct scaling scaling_of(const struct conv *conv, int block)
{
	__m512i multipliers = _mm512_loadu_si512(conv->multipliers + block * NETWORK_BLOCK);
	__m512i shifts = _mm512_loadu_si512(conv->shifts + block * NETWORK_BLOCK);
	__m512i one = _mm512_set1_epi64(1), low = _mm512_set1_epi64(0xFFFFFFFF);
	int left = conv->out.channels - block * NETWORK_BLOCK;
	return (struct scaling){
	    .even = multipliers,
	    .odd = _mm512_srli_epi64(multipliers, 32),
	    .even_half = _mm512_sllv_epi64(one, _mm512_sub_epi64(_mm512_and_si512(shifts, low), one)),
	    .odd_half = _mm512_sllv_epi64(one, _mm512_sub_epi64(_mm512_srli_epi64(shifts, 32), one)),
	    .shift = _mm512_sub_epi32(shifts, _mm512_set1_epi32(32)),
	    .kept = (__mmask16)(left < NETWORK_BLOCK ? (1U << left) - 1 : 0xFFFF),
	};
}

/* The upper halves of the 64-bit products hold all that a shift of 32 or more leaves. */
TARGET INLINE void put(const struct conv *conv, const struct scaling *s, __m512i sums, uint8_t *out)
{
	__m512i even = _mm512_add_epi64(_mm512_mul_epi32(sums, s->even), s->even_half);
	__m512i odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(sums, 32), s->odd), s->odd_half);
	__m512i both = _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd);
	__m512i value =
	    _mm512_add_epi32(_mm512_srav_epi32(both, s->shift), _mm512_set1_epi32(conv->out.zero_point));
	value = _mm512_max_epi32(value, _mm512_set1_epi32(conv->op->least));
	value = _mm512_min_epi32(value, _mm512_set1_epi32(conv->op->most));
	_mm_mask_storeu_epi8(out, s->kept, _mm512_cvtepi32_epi8(value));
}

TARGET INLINE __m512i four(const uint8_t *in)
{
	int32_t bytes;
	memcpy(&bytes, in, sizeof bytes);
	return _mm512_set1_epi32(bytes);
}

/* pixels and blocks are constants wherever this lands. in: the first pixel's window; out: its first
 * channel of the first block. */
TARGET INLINE void tile(
    const struct conv *conv, const uint8_t *in, uint8_t *out, int block, const int pixels, const int blocks)
{
	__m512i sums[PIXELS_MAX][BLOCKS_MAX];
	const int run = conv->op->kernel_width * conv->in.pixel, step = conv->op->stride_x * conv->in.pixel;
	const size_t block_size = (size_t)conv->op->kernel_height * (size_t)run * NETWORK_BLOCK;
	const int8_t *w = conv->weights + (size_t)block * block_size;
	UNROLL
	for (int b = 0; b < blocks; b++) {
		__m512i bias = _mm512_loadu_si512(conv->bias + (block + b) * NETWORK_BLOCK);
		UNROLL
		for (int p = 0; p < pixels; p++)
			sums[p][b] = bias;
	}
	for (int ky = 0; ky < conv->op->kernel_height; ky++, in += conv->in.row) {
		for (int k = 0; k < run; k += NETWORK_GROUP, w += NETWORK_BLOCK * NETWORK_GROUP) {
			__m512i weights[BLOCKS_MAX];
			UNROLL
			for (int b = 0; b < blocks; b++)
				weights[b] = _mm512_loadu_si512(w + (size_t)b * block_size);
			UNROLL
			for (int p = 0; p < pixels; p++) {
				__m512i x = four(in + k + p * step);
				UNROLL
				for (int b = 0; b < blocks; b++)
					sums[p][b] = _mm512_dpbusd_epi32(sums[p][b], x, weights[b]);
			}
		}
	}
	UNROLL
	for (int b = 0; b < blocks; b++) {
		struct scaling scaling = scaling_of(conv, block + b);
		UNROLL
		for (int p = 0; p < pixels; p++)
			put(conv, &scaling, sums[p][b], out + p * conv->out.pixel + b * NETWORK_BLOCK);
	}
}

#define TILE(pixels, blocks)                                                                               \
	TARGET static void tile_##pixels##_##blocks(                                                       \
	    const struct conv *conv, const uint8_t *in, uint8_t *out, int block)                           \
	{                                                                                                  \
		tile(conv, in, out, block, pixels, blocks);                                                \
	}
TILE(8, 1)
TILE(8, 2)
TILE(4, 1)
TILE(4, 2)
TILE(1, 1)
TILE(1, 2)

typedef void tile_function(const struct conv *conv, const uint8_t *in, uint8_t *out, int block);

/* pixels -> blocks - 1 -> tile */
static tile_function *const tiles[3][BLOCKS_MAX] = {
    {tile_1_1, tile_1_2}, {tile_4_1, tile_4_2}, {tile_8_1, tile_8_2}};

/* All pixels, for a few blocks whose weights then stay near. The last tile of a row reaches back. */
static void strip(const struct conv *conv, int block, int blocks)
{
	int width = conv->out.width, size = width >= 8 ? 8 : width >= 4 ? 4 : 1;
	tile_function *run = tiles[size / 4][blocks - 1];
	const uint8_t *first =
	    conv->in.at - conv->op->pad_top * conv->in.row - conv->op->pad_left * conv->in.pixel;
	int step = conv->op->stride_x * conv->in.pixel;
	for (int y = 0; y < conv->out.height; y++) {
		const uint8_t *in = first + y * conv->op->stride_y * conv->in.row;
		uint8_t *out = conv->out.at + y * conv->out.row + block * NETWORK_BLOCK;
		for (int x = 0; x < width; x += size) {
			int from = x + size <= width ? x : width - size;
			run(conv, in + from * step, out + from * conv->out.pixel, block);
		}
	}
}

static void conv_vnni(const struct conv *conv)
{
	int blocks = (conv->out.channels + NETWORK_BLOCK - 1) / NETWORK_BLOCK;
	for (int block = 0; block < blocks; block += BLOCKS_MAX)
		strip(conv, block, blocks - block < BLOCKS_MAX ? blocks - block : BLOCKS_MAX);
}

/* 16 bytes at a time; what is left over in plain C. */
TARGET static void add_vnni(const struct addition *addition)
{
	const struct network_operator *op = addition->op;
	const __m512i half = _mm512_set1_epi32(1 << (op->shift - 1)),
	              zero = _mm512_set1_epi32(addition->out.zero_point);
	const __m512i m1 = _mm512_set1_epi32(op->multiplier), m2 = _mm512_set1_epi32(op->second_multiplier);
	const __m512i z1 = _mm512_set1_epi32(addition->one.zero_point),
	              z2 = _mm512_set1_epi32(addition->two.zero_point);
	const __m512i least = _mm512_set1_epi32(op->least), most = _mm512_set1_epi32(op->most);
	const int size = addition->out.width * addition->out.pixel;
	for (int y = 0; y < addition->out.height; y++) {
		const uint8_t *one = addition->one.at + y * addition->one.row;
		const uint8_t *two = addition->two.at + y * addition->two.row;
		uint8_t *out = addition->out.at + y * addition->out.row;
		int i = 0;
		for (; i + 16 <= size; i += 16) {
			__m512i a = _mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)(one + i)));
			__m512i b = _mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)(two + i)));
			__m512i sum = _mm512_add_epi32(_mm512_mullo_epi32(_mm512_sub_epi32(a, z1), m1),
			    _mm512_mullo_epi32(_mm512_sub_epi32(b, z2), m2));
			sum = _mm512_sra_epi32(
			    _mm512_add_epi32(sum, half), _mm_cvtsi32_si128((int)op->shift));
			sum = _mm512_min_epi32(_mm512_max_epi32(_mm512_add_epi32(sum, zero), least), most);
			_mm_storeu_si128((void *)(out + i), _mm512_cvtepi32_epi8(sum));
		}
		kernels_add_row(addition, y, i);
	}
}

const struct kernels kernels_vnni = {conv_vnni, add_vnni};
#else
typedef int nothing_for_this_processor;
#endif
