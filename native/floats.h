// The two matrix products of a block of rows in float32, by multiplications and additions of vectors.
//
// The depth = k * C numbers that meet in the output of row t lie side by side from x + t * C on, so
// the im2col matrix is read where it lies. A register tile is of ROWS rows by two vectors; weights
// are packed in panels of PANEL columns, the last one filled up with zeros.

#pragma once

#include "vectors.h"

namespace {

constexpr int ROWS = WIDTH == 16 ? 12 : 6;
constexpr int BLOCK = 96;  // rows of a block, at most

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

class Products {
 public:
  Products(int C, int O, int k, void*) : C_(C), O_(O), depth_(k * C) {}

  // block[row][column] = bias + x[row * C ...] . weights of the panel of column o.
  template <class Columns>
  void multiply(
      const float* x, const float* packed, const float* bias, int o, Columns columns, int rows,
      float* block) const {
    constexpr int vectors = Columns::vectors;
    const float* panel = packed + static_cast<long>(o) * depth_;
    tiles(rows, [&](int t, auto count) INLINED {
      constexpr int height = decltype(count)::value;
      const float* from = x + static_cast<long>(t) * C_;
      Vector sum[height][vectors];
#pragma GCC unroll 12
      for (int row = 0; row < height; row++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
          sum[row][v] = bias ? columns.read(bias + o, v) : zero();
      for (int i = 0; i < depth_; i++) {
        Vector weight[vectors];
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) weight[v] = load(panel + i * PANEL + v * WIDTH);
#pragma GCC unroll 12
        for (int row = 0; row < height; row++) {
          const Vector value = broadcast(from[row * C_ + i]);
#pragma GCC unroll 2
          for (int v = 0; v < vectors; v++)
            sum[row][v] = multiply_add(value, weight[v], sum[row][v]);
        }
      }
#pragma GCC unroll 12
      for (int row = 0; row < height; row++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
          store(block + (t + row) * PANEL + v * WIDTH, sum[row][v]);
    });
  }

  // Before the gradients of a block of rows.
  void begin_block(const float* x, int) { x_ = x; }

  // sums[i][o ...] += sum over rows of x[row * C + i] * block[row][...], for i < depth.
  template <class Columns>
  void add_weight_gradient(
      const float* block, int rows, int o, Columns columns, float* sums) const {
    constexpr int vectors = Columns::vectors;
    tiles(depth_, [&](int i, auto count) INLINED {
      constexpr int height = decltype(count)::value;
      const float *left = x_ + i, *right = block;
      Vector sum[height][vectors];
#pragma GCC unroll 12
      for (int row = 0; row < height; row++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) sum[row][v] = zero();
      for (int t = 0; t < rows; t++, left += C_, right += PANEL) {
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
      float* to = sums + static_cast<long>(i) * O_ + o;
#pragma GCC unroll 12
      for (int row = 0; row < height; row++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
          columns.write(to + row * O_, v, add(columns.read(to + row * O_, v), sum[row][v]));
    });
  }

 private:
  int C_, O_, depth_;
  const float* x_ = nullptr;
};

}  // namespace
