// The two matrix products of a block of rows in bfloat16, by tiles (AMX); sums are float32.
//
// A tile is of 16 rows of 64 bytes. The im2col matrix is read where it lies: tiles may be loaded
// from rows that overlap. Weights are packed in panels of PANEL columns, two numbers of the depth
// side by side, the depth filled up with zeros to whole tiles: `x` is read up to 31 numbers beyond
// its last row, and these must be finite.

#pragma once

#include "vectors.h"

namespace {

constexpr int BLOCK = 192;         // rows of a block, at most
constexpr int TILE = 16, PAIRS = 2 * TILE;  // rows of a tile; numbers of bfloat16 in one of them

INLINE int whole(int number, int size) { return (number + size - 1) / size * size; }

// What the compiler wrote is in memory before a tile is loaded from there.
INLINE void written() { asm volatile("" ::: "memory"); }

struct alignas(64) Shape {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t bytes[16] = {};
  uint8_t rows[16] = {};
};

// Sums in tiles 0 to 3 (upper left, upper right, lower left, lower right), what is multiplied in 4
// and 5 (upper, lower) by 6 and 7 (left, right). The upper and lower ones of so many rows in all.
INLINE void shape_tiles(int rows) {
  Shape shape;
  const int upper = rows < TILE ? rows : TILE, lower = rows - upper;
  const int of_tile[8] = {upper, upper, lower, lower, upper, lower, TILE, TILE};
  for (int tile = 0; tile < 8; tile++)
    if (of_tile[tile]) {
      shape.rows[tile] = static_cast<uint8_t>(of_tile[tile]);
      shape.bytes[tile] = 64;
    }
  written();
  _tile_loadconfig(&shape);
}

INLINE __m512i words(__m256i low, __m256i high) {
  return _mm512_or_si512(
      _mm512_cvtepu16_epi32(low), _mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16));
}

// 16 rows of 16 words -> columns.
INLINE void transpose(__m512i (&row)[16]) {
  __m512i other[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    other[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
    other[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4)
#pragma GCC unroll 2
    for (int j = 0; j < 2; j++) {
      row[i + 2 * j] = _mm512_unpacklo_epi64(other[i + j], other[i + 2 + j]);
      row[i + 2 * j + 1] = _mm512_unpackhi_epi64(other[i + j], other[i + 2 + j]);
    }
  // Of four rows each, every one holds one column in each quarter.
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    other[i] = _mm512_shuffle_i32x4(row[i], row[i + 4], 0x88);
    other[i + 4] = _mm512_shuffle_i32x4(row[i], row[i + 4], 0xdd);
    other[i + 8] = _mm512_shuffle_i32x4(row[i + 8], row[i + 12], 0x88);
    other[i + 12] = _mm512_shuffle_i32x4(row[i + 8], row[i + 12], 0xdd);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    row[i] = _mm512_shuffle_i32x4(other[i], other[i + 8], 0x88);
    row[i + 4] = _mm512_shuffle_i32x4(other[i + 4], other[i + 12], 0x88);
    row[i + 8] = _mm512_shuffle_i32x4(other[i], other[i + 8], 0xdd);
    row[i + 12] = _mm512_shuffle_i32x4(other[i + 4], other[i + 12], 0xdd);
  }
}

class Products {
 public:
  // `work` has room for the pairs of `begin_block`.
  Products(int C, int O, int k, void* work)
      : C_(C), k_(k), depth_(k * C), pairs_(static_cast<uint32_t*>(work)) {
    (void)O;
    shape_tiles(PAIRS);
  }
  ~Products() { _tile_release(); }

  // block[row][column] = bias + x[row * C ...] . weights of the panel of column o.
  template <class Columns>
  void multiply(
      const Stored* x, const Stored* packed, const float* bias, int o, Columns columns, int rows,
      float* block) const {
    const Stored* panel = packed + static_cast<long>(o) * whole(depth_, PAIRS);
    alignas(64) float start[PANEL] = {};
    if (bias)
      for (int v = 0; v < Columns::vectors; v++)
        store(start + v * WIDTH, columns.read(bias + o, v));
    written();
    int t = 0;
    for (; t + PAIRS <= rows; t += PAIRS)
      multiply_rows<Columns::vectors == 2, true>(x + static_cast<long>(t) * C_, panel, start,
                                                 block + t * PANEL);
    if (t == rows) return;
    shape_tiles(rows - t);
    if (rows - t > TILE)
      multiply_rows<Columns::vectors == 2, true>(x + static_cast<long>(t) * C_, panel, start,
                                                 block + t * PANEL);
    else
      multiply_rows<Columns::vectors == 2, false>(x + static_cast<long>(t) * C_, panel, start,
                                                  block + t * PANEL);
    shape_tiles(PAIRS);
  }

  // Before the gradients of a block of rows: each number of x beside that of the next row.
  void begin_block(const Stored* x, int rows) {
    const long numbers = static_cast<long>(rows + k_ - 1) * C_;
    const long wanted = static_cast<long>(whole(rows, PAIRS)) * C_ + whole(depth_, PAIRS);
    for (long m = 0; m < wanted; m += WIDTH)
      _mm512_storeu_si512(pairs_ + m, words(some(x, m, numbers), some(x, m + C_, numbers)));
  }

  // sums[o ...][i] += sum over rows of x[row * C + i] * block[row][...], for i < depth.
  template <class Columns>
  void add_weight_gradient(float* block, int rows, int o, Columns, float* sums) const {
    alignas(64) uint32_t turned[PANEL * BLOCK / 2];
    const int height = whole(rows, PAIRS), width = whole(depth_, PAIRS);
    for (int t = rows; t < height; t++)
      for (int v = 0; v < 2; v++) store(block + t * PANEL + v * WIDTH, zero());
    for (int t = 0; t < height; t += PAIRS)
      for (int v = 0; v < Columns::vectors; v++) {
        __m512i pair[16];
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
          const float* from = block + (t + 2 * i) * PANEL + v * WIDTH;
          pair[i] = words(rounded(load(from)), rounded(load(from + PANEL)));
        }
        transpose(pair);
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++)
          _mm512_store_si512(turned + (v * WIDTH + i) * BLOCK / 2 + t / 2, pair[i]);
      }
    written();
    for (int i = 0; i < width; i += PAIRS)
      add_rows<Columns::vectors == 2>(turned, pairs_ + i, height,
                                      sums + static_cast<long>(o) * width + i, width);
  }

 private:
  int C_, k_, depth_;
  uint32_t* pairs_;

  static INLINE __m256i some(const Stored* x, long from, long numbers) {
    const long left = numbers - from;
    if (left >= WIDTH) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + from));
    return left <= 0 ? _mm256_setzero_si256()
                     : _mm256_maskz_loadu_epi16(Mask(static_cast<int>(left)).bits, x + from);
  }

  template <bool RIGHT, bool LOWER>
  INLINE void multiply_rows(
      const Stored* x, const Stored* panel, const float* start, float* block) const {
    _tile_loadd(0, start, 0);
    if (RIGHT) _tile_loadd(1, start + TILE, 0);
    if (LOWER) _tile_loadd(2, start, 0);
    if (RIGHT && LOWER) _tile_loadd(3, start + TILE, 0);
    const long stride = 2L * C_;
    for (int i = 0; i < depth_; i += PAIRS, panel += PAIRS * PANEL) {
      _tile_loadd(4, x + i, stride);
      _tile_loadd(6, panel, 4 * PANEL);
      _tile_dpbf16ps(0, 4, 6);
      if (LOWER) {
        _tile_loadd(5, x + static_cast<long>(TILE) * C_ + i, stride);
        _tile_dpbf16ps(2, 5, 6);
      }
      if (RIGHT) {
        _tile_loadd(7, panel + 2 * TILE, 4 * PANEL);
        _tile_dpbf16ps(1, 4, 7);
        if (LOWER) _tile_dpbf16ps(3, 5, 7);
      }
    }
    _tile_stored(0, block, 4 * PANEL);
    if (RIGHT) _tile_stored(1, block + TILE, 4 * PANEL);
    if (LOWER) _tile_stored(2, block + TILE * PANEL, 4 * PANEL);
    if (RIGHT && LOWER) _tile_stored(3, block + TILE * PANEL + TILE, 4 * PANEL);
  }

  template <bool LOWER>
  INLINE void add_rows(
      const uint32_t* turned, const uint32_t* pairs, int height, float* sums, int width) const {
    const long stride = 4L * width;
    float* below = sums + static_cast<long>(TILE) * width;
    _tile_loadd(0, sums, stride);
    _tile_loadd(1, sums + TILE, stride);
    if (LOWER) _tile_loadd(2, below, stride);
    if (LOWER) _tile_loadd(3, below + TILE, stride);
    for (int t = 0; t < height; t += PAIRS) {
      const uint32_t* right = pairs + static_cast<long>(t) * C_;
      _tile_loadd(4, turned + t / 2, 2 * BLOCK);
      _tile_loadd(6, right, 8L * C_);
      _tile_dpbf16ps(0, 4, 6);
      _tile_loadd(7, right + TILE, 8L * C_);
      _tile_dpbf16ps(1, 4, 7);
      if (LOWER) {
        _tile_loadd(5, turned + TILE * BLOCK / 2 + t / 2, 2 * BLOCK);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
      }
    }
    _tile_stored(0, sums, stride);
    _tile_stored(1, sums + TILE, stride);
    if (LOWER) _tile_stored(2, below, stride);
    if (LOWER) _tile_stored(3, below + TILE, stride);
  }
};

}  // namespace
