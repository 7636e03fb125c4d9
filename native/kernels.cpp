// The three matrix products of a 1-D convolution in float32, on rows whose channels lie side by side.
//
// Compiled once for each instruction set, with VARIANT as the prefix of its functions. They know
// nothing of Python or torch, take no memory, start no thread and keep nothing: the same numbers
// give the same bits.
//
// Names: C channels in, O channels out, k taps, depth = k * C. The depth numbers that meet in the
// output of row t lie side by side from x + t * C on, so the im2col matrix is read where it lies.
// A register tile is of ROWS rows by two vectors; weights and bias are packed in panels of PANEL
// columns, the last one filled up with zeros.

#include <immintrin.h>

#include <utility>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define EXPORT(name) extern "C" __attribute__((visibility("default"))) void JOIN(VARIANT, name)
#define INLINED __attribute__((always_inline))
#define INLINE INLINED inline

namespace {

#if defined(__AVX512F__)

using Vector = __m512;
using Mask = __mmask16;
constexpr int WIDTH = 16, ROWS = 12;
INLINE Vector zero() { return _mm512_setzero_ps(); }
INLINE Vector broadcast(float value) { return _mm512_set1_ps(value); }
INLINE Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
INLINE Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
INLINE Vector load(const float* from) { return _mm512_loadu_ps(from); }
INLINE void store(float* to, Vector value) { _mm512_storeu_ps(to, value); }
INLINE Mask first(int lanes) { return static_cast<Mask>((1u << lanes) - 1); }
INLINE Vector load(const float* from, Mask mask) { return _mm512_maskz_loadu_ps(mask, from); }
INLINE void store(float* to, Vector value, Mask mask) { _mm512_mask_storeu_ps(to, mask, value); }

#else

using Vector = __m256;
using Mask = __m256i;
constexpr int WIDTH = 8, ROWS = 6;
INLINE Vector zero() { return _mm256_setzero_ps(); }
INLINE Vector broadcast(float value) { return _mm256_set1_ps(value); }
INLINE Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
INLINE Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
INLINE Vector load(const float* from) { return _mm256_loadu_ps(from); }
INLINE void store(float* to, Vector value) { _mm256_storeu_ps(to, value); }
INLINE Mask first(int lanes) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes), lane);
}
INLINE Vector load(const float* from, Mask mask) { return _mm256_maskload_ps(from, mask); }
INLINE void store(float* to, Vector value, Mask mask) { _mm256_maskstore_ps(to, mask, value); }

#endif

constexpr int PANEL = 2 * WIDTH;

// The columns of one panel: one or two vectors, the last of them whole or not.
template <int VECTORS, bool WHOLE>
struct Columns {
  static constexpr int vectors = VECTORS;
  Mask mask;

  INLINE Vector read(const float* from, int vector) const {
    if (WHOLE || vector + 1 < VECTORS) return load(from + vector * WIDTH);
    return load(from + vector * WIDTH, mask);
  }
  INLINE void write(float* to, int vector, Vector value) const {
    if (WHOLE || vector + 1 < VECTORS) return store(to + vector * WIDTH, value);
    store(to + vector * WIDTH, value, mask);
  }
};

// Call `work(columns)` for so many columns.
template <class Work>
INLINE void with_columns(int columns, Work work) {
  if (columns >= PANEL) {
    work(Columns<2, true>{first(0)});
  } else if (columns > WIDTH) {
    work(Columns<2, false>{first(columns - WIDTH)});
  } else if (columns == WIDTH) {
    work(Columns<1, true>{first(0)});
  } else {
    work(Columns<1, false>{first(columns)});
  }
}

template <int ROW>
using Count = std::integral_constant<int, ROW>;

template <class Work, int... ROW>
INLINE void with_rows(int rows, Work work, std::integer_sequence<int, ROW...>) {
  ((rows == ROW + 1 ? work(Count<ROW + 1>()) : void()), ...);
}

// Call `work(first, Count<rows>)` for tiles of ROWS rows, and for what is left.
template <class Work>
INLINE void tiles(int rows, Work work) {
  int row = 0;
  for (; row + ROWS <= rows; row += ROWS) work(row, Count<ROWS>());
  const auto rest = [&](auto count) INLINED { work(row, count); };
  with_rows(rows - row, rest, std::make_integer_sequence<int, ROWS - 1>());
}

}  // namespace

// y[n][t] = bias + x[n][t ... t + k - 1] . weights, for T rows of each of N clips.
// Strides of clips in floats; rows of x follow each other after C floats, rows of y after O.
EXPORT(_convolve)(
    const float* x, long x_stride, const float* packed, const float* bias, float* y, long y_stride,
    int N, int T, int C, int O, int k) {
  const int depth = k * C;
  for (int n = 0; n < N; n++) {
    for (int o = 0; o < O; o += PANEL) {
      const float *panel = packed + static_cast<long>(o) * depth, *shift = bias + o;
      with_columns(O - o, [&](auto columns) INLINED {
        constexpr int vectors = decltype(columns)::vectors;
        tiles(T, [&](int t, auto count) INLINED {
          constexpr int rows = decltype(count)::value;
          const float* from = x + n * x_stride + static_cast<long>(t) * C;
          float* to = y + n * y_stride + static_cast<long>(t) * O + o;
          Vector sum[rows][vectors];
#pragma GCC unroll 12
          for (int row = 0; row < rows; row++)
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) sum[row][v] = load(shift + v * WIDTH);
          for (int i = 0; i < depth; i++) {
            Vector weight[vectors];
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) weight[v] = load(panel + i * PANEL + v * WIDTH);
#pragma GCC unroll 12
            for (int row = 0; row < rows; row++) {
              const Vector value = broadcast(from[row * C + i]);
#pragma GCC unroll 2
              for (int v = 0; v < vectors; v++)
                sum[row][v] = multiply_add(value, weight[v], sum[row][v]);
            }
          }
#pragma GCC unroll 12
          for (int row = 0; row < rows; row++)
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) columns.write(to + row * O, v, sum[row][v]);
        });
      });
    }
  }
}

// sums[i][o] += sum over t of x[t * C + i] * grad[t * O + o], for i < k * C and `rows` rows.
// The rows are taken BLOCK at a time; a panel of their gradients is copied together and stays in
// the first cache for all i. Each block's sum is added as one number, so that rounding does not
// grow with the rows.
EXPORT(_weight_gradient)(
    const float* x, const float* grad, long rows, int C, int O, int k, float* sums) {
  constexpr int BLOCK = 128;
  alignas(64) float panel[BLOCK * PANEL];
  const int depth = k * C;
  for (long start = 0; start < rows; start += BLOCK) {
    const int length = static_cast<int>(rows - start < BLOCK ? rows - start : BLOCK);
    for (int o = 0; o < O; o += PANEL) {
      with_columns(O - o, [&](auto columns) INLINED {
        constexpr int vectors = decltype(columns)::vectors;
        for (int t = 0; t < length; t++)
#pragma GCC unroll 2
          for (int v = 0; v < vectors; v++)
            store(panel + t * PANEL + v * WIDTH, columns.read(grad + (start + t) * O + o, v));
        tiles(depth, [&](int i, auto count) INLINED {
          constexpr int height = decltype(count)::value;
          const float *left = x + start * C + i, *right = panel;
          Vector sum[height][vectors];
#pragma GCC unroll 12
          for (int row = 0; row < height; row++)
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) sum[row][v] = zero();
          for (int t = 0; t < length; t++, left += C, right += PANEL) {
            Vector slope[vectors];
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) slope[v] = load(right + v * WIDTH);
#pragma GCC unroll 12
            for (int row = 0; row < height; row++) {
              const Vector value = broadcast(left[row]);
#pragma GCC unroll 2
              for (int v = 0; v < vectors; v++)
                sum[row][v] = multiply_add(value, slope[v], sum[row][v]);
            }
          }
          float* to = sums + static_cast<long>(i) * O + o;
#pragma GCC unroll 12
          for (int row = 0; row < height; row++)
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++)
              columns.write(to + row * O, v, add(columns.read(to + row * O, v), sum[row][v]));
        });
      });
    }
  }
}
