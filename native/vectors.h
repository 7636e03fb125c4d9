// Vectors of one instruction set, and how numbers lie in memory.
//
// Arrays of activations and gradients are of `Stored` numbers: float32, or bfloat16 where tiles
// (AMX) multiply them. All else, and every sum, is float32. WIDTH numbers make a vector, a panel
// has PANEL columns.

#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>
#include <utility>

#define INLINED __attribute__((always_inline))
#define INLINE INLINED inline

namespace {

#if defined(__AVX512F__)

using Vector = __m512;
using Flags = __mmask16;
constexpr int WIDTH = 16;

// The first `lanes` numbers of a vector.
struct Mask {
  __mmask16 bits;
  INLINE explicit Mask(int lanes) : bits(static_cast<__mmask16>((1u << lanes) - 1)) {}
};

INLINE Vector zero() { return _mm512_setzero_ps(); }
INLINE Vector broadcast(float value) { return _mm512_set1_ps(value); }
INLINE Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
INLINE Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
INLINE Vector subtract(Vector a, Vector b) { return _mm512_sub_ps(a, b); }
INLINE Vector multiply(Vector a, Vector b) { return _mm512_mul_ps(a, b); }
// Of a number and NaN it is the second one.
INLINE Vector maximum(Vector a, Vector b) { return _mm512_max_ps(a, b); }
INLINE Flags greater(Vector a, Vector b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
INLINE Flags equal(Vector a, Vector b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
INLINE Flags is_nan(Vector a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
INLINE Flags either(Flags a, Flags b) { return a | b; }
INLINE Vector choose(Flags flags, Vector a, Vector b) { return _mm512_mask_mov_ps(b, flags, a); }
INLINE Vector load(const float* from) { return _mm512_loadu_ps(from); }
INLINE void store(float* to, Vector value) { _mm512_storeu_ps(to, value); }
INLINE Vector load(const float* from, Mask mask) { return _mm512_maskz_loadu_ps(mask.bits, from); }
INLINE void store(float* to, Vector value, Mask mask) {
  _mm512_mask_storeu_ps(to, mask.bits, value);
}
INLINE Vector load(const uint8_t* from, Mask mask) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask.bits, from)));
}
INLINE void store(uint8_t* to, Vector value, Mask mask) {
  _mm512_mask_cvtepi32_storeu_epi8(to, mask.bits, _mm512_cvtps_epi32(value));
}

#else

using Vector = __m256;
using Flags = __m256;
constexpr int WIDTH = 8;

struct Mask {
  int lanes;
  __m256i bits;
  INLINE explicit Mask(int lanes)
      : lanes(lanes),
        bits(_mm256_cmpgt_epi32(
            _mm256_set1_epi32(lanes), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))) {}
};

INLINE Vector zero() { return _mm256_setzero_ps(); }
INLINE Vector broadcast(float value) { return _mm256_set1_ps(value); }
INLINE Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
INLINE Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
INLINE Vector subtract(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
INLINE Vector multiply(Vector a, Vector b) { return _mm256_mul_ps(a, b); }
INLINE Vector maximum(Vector a, Vector b) { return _mm256_max_ps(a, b); }
INLINE Flags greater(Vector a, Vector b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
INLINE Flags equal(Vector a, Vector b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
INLINE Flags is_nan(Vector a) { return _mm256_cmp_ps(a, a, _CMP_UNORD_Q); }
INLINE Flags either(Flags a, Flags b) { return _mm256_or_ps(a, b); }
INLINE Vector choose(Flags flags, Vector a, Vector b) { return _mm256_blendv_ps(b, a, flags); }
INLINE Vector load(const float* from) { return _mm256_loadu_ps(from); }
INLINE void store(float* to, Vector value) { _mm256_storeu_ps(to, value); }
INLINE Vector load(const float* from, Mask mask) { return _mm256_maskload_ps(from, mask.bits); }
INLINE void store(float* to, Vector value, Mask mask) { _mm256_maskstore_ps(to, mask.bits, value); }
INLINE Vector load(const uint8_t* from, Mask mask) {
  uint8_t bytes[16] = {};
  std::memcpy(bytes, from, mask.lanes);
  const __m128i wide = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(wide));
}
INLINE void store(uint8_t* to, Vector value, Mask mask) {
  const __m256i wide = _mm256_cvtps_epi32(value);
  __m128i bytes = _mm_packs_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
  bytes = _mm_packus_epi16(bytes, bytes);
  std::memcpy(to, &bytes, mask.lanes);
}

#endif

#if defined(__AMX_BF16__)

using Stored = uint16_t;
INLINE Vector load(const Stored* from, Mask mask) {
  const __m256i bits = _mm256_maskz_loadu_epi16(mask.bits, from);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}
INLINE Vector load(const Stored* from) { return load(from, Mask(WIDTH)); }
INLINE __m256i rounded(Vector value) {
  return reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(value));
}
INLINE void store(Stored* to, Vector value, Mask mask) {
  _mm256_mask_storeu_epi16(to, mask.bits, rounded(value));
}
INLINE void store(Stored* to, Vector value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), rounded(value));
}

#else

using Stored = float;

#endif

constexpr int PANEL = 2 * WIDTH;

// A whole vector to an address of whole vectors, past the caches: it is not read again soon.
#if defined(__AMX_BF16__)
INLINE void stream(Stored* to, Vector value) { store(to, value); }
#elif defined(__AVX512F__)
INLINE void stream(Stored* to, Vector value) { _mm512_stream_ps(to, value); }
#else
INLINE void stream(Stored* to, Vector value) { _mm256_stream_ps(to, value); }
#endif

// Have memory that will be read soon brought near meanwhile.
INLINE void fetch(const Stored* from, long numbers) {
  constexpr int line = 64 / sizeof(Stored);
  for (long i = 0; i < numbers; i += line) __builtin_prefetch(from + i);
}

// The columns of one panel: one or two vectors, the last of them whole or not.
template <int VECTORS, bool WHOLE>
struct Columns {
  static constexpr int vectors = VECTORS;
  Mask mask;

  template <class Number>
  INLINE Vector read(const Number* from, int vector) const {
    if (WHOLE || vector + 1 < VECTORS) return whole(from + vector * WIDTH);
    return load(from + vector * WIDTH, mask);
  }
  template <class Number>
  INLINE void write(Number* to, int vector, Vector value) const {
    if (WHOLE || vector + 1 < VECTORS) return whole(to + vector * WIDTH, value);
    store(to + vector * WIDTH, value, mask);
  }

 private:
  template <class Number>
  static INLINE Vector whole(const Number* from) { return load(from); }
  static INLINE Vector whole(const uint8_t* from) { return load(from, Mask(WIDTH)); }
  template <class Number>
  static INLINE void whole(Number* to, Vector value) { store(to, value); }
  static INLINE void whole(uint8_t* to, Vector value) { store(to, value, Mask(WIDTH)); }
};

// Call `work(columns)` for so many columns.
template <class Work>
INLINE void with_columns(int columns, Work work) {
  if (columns >= PANEL) {
    work(Columns<2, true>{Mask(WIDTH)});
  } else if (columns > WIDTH) {
    work(Columns<2, false>{Mask(columns - WIDTH)});
  } else if (columns == WIDTH) {
    work(Columns<1, true>{Mask(WIDTH)});
  } else {
    work(Columns<1, false>{Mask(columns)});
  }
}

// The sum of `term(row)` over rows, by four chains of additions that need not wait for each other.
template <class Term>
INLINE Vector sum_over(int rows, Term term) {
  Vector sum[4] = {zero(), zero(), zero(), zero()};
  int row = 0;
  for (; row + 4 <= rows; row += 4)
#pragma GCC unroll 4
    for (int chain = 0; chain < 4; chain++) sum[chain] = add(sum[chain], term(row + chain));
  for (; row < rows; row++) sum[0] = add(sum[0], term(row));
  return add(add(sum[0], sum[1]), add(sum[2], sum[3]));
}

}  // namespace
