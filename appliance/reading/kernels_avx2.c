/* The network's operators for x86 with AVX2. The bytes are widened to 16 bits before they are multiplied:
 * vpmaddwd then adds two products in 32 bits without loss, where vpmaddubsw would saturate.
 *
 * A tile is 2 neighbouring pixels times one block of 16 output channels. Four weights of four channels
 * fill a register; each channel's sum is kept in two halves that meet at the end. */
#include "reading/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 4")
#if defined(__clang__)
#undef UNROLL
#define UNROLL _Pragma("clang loop unroll(full)")
#endif

enum { PIXELS_MAX = 2, QUARTERS = 4, HALVES = 2 };

/* 8 sums -> what plain C's wide() gives. */
TARGET INLINE __m256i wide(__m256i sums, const int32_t *multipliers, const uint32_t *shifts)
{
	const __m256i one = _mm256_set1_epi64x(1), low = _mm256_set1_epi64x(0xFFFFFFFF);
	__m256i m = _mm256_loadu_si256((const void *)multipliers),
	        s = _mm256_loadu_si256((const void *)shifts);
	__m256i even_half = _mm256_sllv_epi64(one, _mm256_sub_epi64(_mm256_and_si256(s, low), one));
	__m256i odd_half = _mm256_sllv_epi64(one, _mm256_sub_epi64(_mm256_srli_epi64(s, 32), one));
	__m256i even = _mm256_add_epi64(_mm256_mul_epi32(sums, m), even_half);
	__m256i odd = _mm256_mul_epi32(_mm256_srli_epi64(sums, 32), _mm256_srli_epi64(m, 32));
	odd = _mm256_add_epi64(odd, odd_half);
	/* The upper halves hold all that a shift of 32 or more leaves. */
	__m256i both = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
	return _mm256_srav_epi32(both, _mm256_sub_epi32(s, _mm256_set1_epi32(32)));
}

TARGET INLINE __m256i clamp(__m256i value, const struct network_operator *op, int zero_point)
{
	value = _mm256_add_epi32(value, _mm256_set1_epi32(zero_point));
	value = _mm256_max_epi32(value, _mm256_set1_epi32(op->least));
	return _mm256_min_epi32(value, _mm256_set1_epi32(op->most));
}

/* 16 values of 0..255 in two registers -> 16 bytes. */
TARGET INLINE __m128i bytes_of(__m256i first, __m256i second)
{
	__m256i words = _mm256_permute4x64_epi64(_mm256_packus_epi32(first, second), 0xD8);
	return _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

TARGET INLINE void put(const struct conv *conv, const __m256i sums[QUARTERS], uint8_t *out, int from)
{
	__m256i values[HALVES];
	UNROLL
	for (int h = 0; h < HALVES; h++) {
		/* hadd works within each half of a register: channels 0 1 4 5 | 2 3 6 7. */
		__m256i sum =
		    _mm256_permute4x64_epi64(_mm256_hadd_epi32(sums[2 * h], sums[2 * h + 1]), 0xD8);
		sum = _mm256_add_epi32(sum, _mm256_loadu_si256((const void *)(conv->bias + from + 8 * h)));
		values[h] = clamp(wide(sum, conv->multipliers + from + 8 * h, conv->shifts + from + 8 * h),
		    conv->op, conv->out.zero_point);
	}
	uint8_t bytes[NETWORK_BLOCK];
	int left = conv->out.channels - from;
	if (left >= NETWORK_BLOCK) {
		_mm_storeu_si128((void *)out, bytes_of(values[0], values[1]));
		return;
	}
	_mm_storeu_si128((void *)bytes, bytes_of(values[0], values[1]));
	memcpy(out, bytes, (size_t)left);
}

/* Four input bytes as 16-bit numbers, four times over. */
TARGET INLINE __m256i four(const uint8_t *in)
{
	int32_t bytes;
	memcpy(&bytes, in, sizeof bytes);
	return _mm256_cvtepu8_epi16(_mm_set1_epi32(bytes));
}

/* pixels is a constant wherever this lands. */
TARGET INLINE void tile(
    const struct conv *conv, const uint8_t *in, uint8_t *out, int from, const int pixels)
{
	__m256i sums[PIXELS_MAX][QUARTERS];
	const int run = conv->op->kernel_width * conv->in.pixel, step = conv->op->stride_x * conv->in.pixel;
	const int8_t *w = conv->weights + (size_t)from * (size_t)conv->op->kernel_height * (size_t)run;
	UNROLL
	for (int p = 0; p < pixels; p++)
		UNROLL
	for (int q = 0; q < QUARTERS; q++)
		sums[p][q] = _mm256_setzero_si256();
	for (int ky = 0; ky < conv->op->kernel_height; ky++, in += conv->in.row) {
		for (int k = 0; k < run; k += NETWORK_GROUP, w += NETWORK_BLOCK * NETWORK_GROUP) {
			__m256i x[PIXELS_MAX];
			UNROLL
			for (int p = 0; p < pixels; p++)
				x[p] = four(in + k + p * step);
			UNROLL
			for (int q = 0; q < QUARTERS; q++) {
				__m256i weights =
				    _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)(w + 16 * q)));
				UNROLL
				for (int p = 0; p < pixels; p++)
					sums[p][q] =
					    _mm256_add_epi32(sums[p][q], _mm256_madd_epi16(x[p], weights));
			}
		}
	}
	UNROLL
	for (int p = 0; p < pixels; p++)
		put(conv, sums[p], out + p * conv->out.pixel + from, from);
}

TARGET static void strip(const struct conv *conv, int from)
{
	const uint8_t *first =
	    conv->in.at - conv->op->pad_top * conv->in.row - conv->op->pad_left * conv->in.pixel;
	int step = conv->op->stride_x * conv->in.pixel;
	for (int y = 0; y < conv->out.height; y++) {
		const uint8_t *in = first + y * conv->op->stride_y * conv->in.row;
		uint8_t *out = conv->out.at + y * conv->out.row;
		int x = 0;
		for (; x + 2 <= conv->out.width; x += 2)
			tile(conv, in + x * step, out + x * conv->out.pixel, from, 2);
		if (x < conv->out.width)
			tile(conv, in + x * step, out + x * conv->out.pixel, from, 1);
	}
}

static void conv_avx2(const struct conv *conv)
{
	for (int from = 0; from < conv->out.channels; from += NETWORK_BLOCK)
		strip(conv, from);
}

/* 8 values of one picture, scaled. */
TARGET INLINE __m256i term(const uint8_t *from, int zero_point, int32_t multiplier)
{
	__m256i value = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)from));
	value = _mm256_sub_epi32(value, _mm256_set1_epi32(zero_point));
	return _mm256_mullo_epi32(value, _mm256_set1_epi32(multiplier));
}

TARGET static void add_avx2(const struct addition *addition)
{
	const struct network_operator *op = addition->op;
	const int size = addition->out.width * addition->out.pixel;
	const __m256i half = _mm256_set1_epi32(1 << (op->shift - 1));
	for (int y = 0; y < addition->out.height; y++) {
		const uint8_t *one = addition->one.at + y * addition->one.row;
		const uint8_t *two = addition->two.at + y * addition->two.row;
		uint8_t *out = addition->out.at + y * addition->out.row;
		int i = 0;
		for (; i + 16 <= size; i += 16) {
			__m256i values[HALVES];
			UNROLL
			for (int h = 0; h < HALVES; h++) {
				__m256i sum = _mm256_add_epi32(
				    term(one + i + 8 * h, addition->one.zero_point, op->multiplier),
				    term(two + i + 8 * h, addition->two.zero_point, op->second_multiplier));
				sum = _mm256_sra_epi32(
				    _mm256_add_epi32(sum, half), _mm_cvtsi32_si128((int)op->shift));
				values[h] = clamp(sum, op, addition->out.zero_point);
			}
			_mm_storeu_si128((void *)(out + i), bytes_of(values[0], values[1]));
		}
		kernels_add_row(addition, y, i);
	}
}

const struct kernels kernels_avx2 = {conv_avx2, add_avx2};
#else
typedef int nothing_for_this_processor;
#endif
