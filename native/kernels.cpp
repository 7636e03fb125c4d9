// A block of a 1-D convolution net, forward and backward, on rows whose channels lie side by side.
//
// Compiled once for each instruction set, with VARIANT as the prefix of its functions. They know
// nothing of Python or torch, take no memory, start no thread and keep nothing: the same numbers
// give the same bits.
//
// All work is done by blocks of rows that stay in the first cache: what comes of a product goes
// through statistics, pooling and activation there before it is written, and a gradient is made
// there before it is multiplied.

#if defined(__AMX_BF16__)
#include "tiles.h"
#else
#include "floats.h"
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define EXPORT(name) extern "C" __attribute__((visibility("default"))) void JOIN(VARIANT, name)

// N clips of T rows, C channels in, O channels out, k taps; W windows of the pooling, each of `pool`
// rows (the last of fewer), W = T where pool = 1. Strides are of clips, in numbers; rows of x follow
// each other after C numbers, all other rows after O. What is null is left out.
// The same as `Task` in labbench/training/engine/native.py.
struct Task {
  int32_t N, T, C, O, k, pool, W, activation, above_O, above_k;
  float slope;           // of the negative half of a leaky relu
  const Stored* x;       // padded input: row t of the result sees its rows t ... t + k - 1
  long x_stride;
  const void* weights;   // packed; null: rows are read from `kept`
  const float* bias;
  Stored* kept;          // rows of the product, written if there are weights and it is asked for
  long kept_stride;
  const float* scale;    // forward: result = shift + scale * row, scale >= 0
  const float* shift;
  float* moments;        // forward: mean and sum of squared distances, by channel: (2, O)
  Stored* out;           // rows after pooling and activation
  long out_stride;
  uint8_t* index;        // row of each window that was its maximum, (N, W, O)
  const Stored* grad;    // of `out`; with `above` the padded gradient of the next product's rows,
  long grad_stride;      // of above_O channels, which these weights (above_k taps) take to it
  const void* above;
  const float* mean;     // reduce
  const float* rstd;
  const float* level;    // backward: gradient = level + tilt * row + scale * gradient
  const float* tilt;
  Stored* place;         // gradient of the product's rows, written if asked for
  long place_stride;
  float* sums;           // added to: sums of gradients, by channel; in reduce (2, O)
  float* weight_sums;    // added to
  void* work;            // memory of `work_bytes`
};

namespace {

enum Activation { IDENTITY, RELU, LEAKY_RELU };

INLINE Vector activated(const Task& task, Vector x) {
  // NaN stays NaN.
  if (task.activation == RELU) return maximum(zero(), x);
  if (task.activation != LEAKY_RELU) return x;
  return choose(greater(x, zero()), x, multiply(x, broadcast(task.slope)));
}

// The gradient before an activation, by that after it and its output.
INLINE Vector derived(const Task& task, Vector grad, Vector out) {
  const Flags positive = greater(out, zero());
  if (task.activation == RELU) return choose(either(positive, is_nan(out)), grad, zero());
  return choose(positive, grad, multiply(grad, broadcast(task.slope)));
}

// Rows of a block, in whole windows.
INLINE int step_of(const Task& task) { return task.pool * (BLOCK / task.pool); }

// Call `work(t, rows)` for the blocks of a clip.
template <class Work>
INLINE void blocks(const Task& task, Work work) {
  const int step = step_of(task);
  for (int t = 0; t < task.T; t += step) work(t, task.T - t < step ? task.T - t : step);
}

// Call `work(o, columns)` for the panels of all columns.
template <class Work>
INLINE void panels(const Task& task, Work work) {
  for (int o = 0; o < task.O; o += PANEL)
    with_columns(task.O - o, [&](auto columns) INLINED { work(o, columns); });
}

template <class Columns>
INLINE void read_rows(const Stored* from, int rows, int O, Columns columns, float* block) {
  for (int row = 0; row < rows; row++, from += O)
#pragma GCC unroll 2
    for (int v = 0; v < Columns::vectors; v++)
      store(block + row * PANEL + v * WIDTH, columns.read(from, v));
}

// The rows of a block: the product, or what was kept of it.
template <class Columns>
INLINE void fill(
    const Task& task, const Products& products, int n, int t, int rows, int o, Columns columns,
    float* block) {
  if (task.weights) {
    const Stored* x = task.x + n * task.x_stride + static_cast<long>(t) * task.C;
    const auto* packed = static_cast<const Stored*>(task.weights);
    return products.multiply(x, packed, task.bias, o, columns, rows, block);
  }
  const Stored* from = task.kept + n * task.kept_stride + static_cast<long>(t) * task.O + o;
  read_rows(from, rows, task.O, columns, block);
}

// The rows after a block, which the next one will take, while this one is worked on.
INLINE void fetch_rows(const Task& task, int n, int t, int rows) {
  if (task.x) {
    const long after = static_cast<long>(t + rows + task.k - 1) * task.C;
    fetch(task.x + n * task.x_stride + after, static_cast<long>(rows) * task.C);
  }
  if (task.kept && (!task.weights || task.level)) {
    const long after = static_cast<long>(t + rows) * task.O;
    fetch(task.kept + n * task.kept_stride + after, static_cast<long>(rows) * task.O);
  }
}

template <class Columns>
INLINE void write_rows(const float* block, int rows, int O, Columns columns, Stored* to) {
  for (int row = 0; row < rows; row++, to += O)
#pragma GCC unroll 2
    for (int v = 0; v < Columns::vectors; v++)
      columns.write(to, v, load(block + row * PANEL + v * WIDTH));
}

// Rows of the product, to be kept until the way back.
template <class Columns>
INLINE void keep_rows(const Task& task, const float* block, int rows, Columns columns, Stored* to) {
  const bool lines = task.O % PANEL == 0 && !(reinterpret_cast<uintptr_t>(to) % 64);
  if (!lines) return write_rows(block, rows, task.O, columns, to);
  for (int row = 0; row < rows; row++, to += task.O)
#pragma GCC unroll 2
    for (int v = 0; v < Columns::vectors; v++)
      stream(to + v * WIDTH, load(block + row * PANEL + v * WIDTH));
}

// Merge the moments of a block into those of `seen` rows (Chan et al. 1979).
template <class Columns>
INLINE void add_moments(
    const float* block, int rows, long seen, Columns columns, float* mean, float* squares) {
  const float total = static_cast<float>(seen + rows), share = rows / total;
#pragma GCC unroll 2
  for (int v = 0; v < Columns::vectors; v++) {
    const float* from = block + v * WIDTH;
    const auto value = [&](int row) INLINED { return load(from + row * PANEL); };
    const Vector own = multiply(sum_over(rows, value), broadcast(1.0f / rows));
    const auto square = [&](int row) INLINED {
      const Vector distance = subtract(value(row), own);
      return multiply(distance, distance);
    };
    const Vector spread = sum_over(rows, square);
    const Vector before = seen ? columns.read(mean, v) : zero();
    const Vector between = subtract(own, before);
    columns.write(mean, v, multiply_add(between, broadcast(share), before));
    const Vector old = seen ? columns.read(squares, v) : zero();
    const Vector apart = multiply(multiply(between, between), broadcast(share * seen));
    columns.write(squares, v, add(add(old, spread), apart));
  }
}

// Pooling, scale and shift, activation: the rows of a block -> `out` and `index`.
template <class Columns>
INLINE void finish(
    const Task& task, const float* block, int n, int t, int rows, int o, Columns columns) {
  const int first = t / task.pool;
  long at = n * task.out_stride + static_cast<long>(first) * task.O + o;
  long place = (static_cast<long>(n) * task.W + first) * task.O + o;
  for (int w = first, row = 0; w < task.W && row < rows; w++, row += task.pool) {
    const int size = rows - row < task.pool ? rows - row : task.pool;
#pragma GCC unroll 2
    for (int v = 0; v < Columns::vectors; v++) {
      const float* from = block + row * PANEL + v * WIDTH;
      Vector best = load(from), which = zero();
      for (int j = 1; j < size; j++) {
        const Vector value = load(from + j * PANEL);
        const Flags taken = either(greater(value, best), is_nan(value));
        best = choose(taken, value, best);
        which = choose(taken, broadcast(static_cast<float>(j)), which);
      }
      if (task.index) columns.write(task.index + place, v, which);
      if (task.scale)
        best = multiply_add(best, columns.read(task.scale + o, v), columns.read(task.shift + o, v));
      columns.write(task.out + at, v, activated(task, best));
    }
    at += task.O;
    place += task.O;
  }
}

// The gradient of so many rows of `out`.
template <class Columns>
INLINE void fill_gradient(
    const Task& task, const Products& above, int n, int first, int rows, int o, Columns columns,
    float* slopes) {
  const Stored* grad = task.grad + n * task.grad_stride;
  if (task.above) {
    const auto* packed = static_cast<const Stored*>(task.above);
    const Stored* from = grad + static_cast<long>(first) * task.above_O;
    return above.multiply(from, packed, nullptr, o, columns, rows, slopes);
  }
  read_rows(grad + static_cast<long>(first) * task.O + o, rows, task.O, columns, slopes);
}

// A gradient before the activation.
template <class Columns>
INLINE Vector gradient(const Task& task, const float* slopes, long out, int v, Columns columns) {
  const Vector after = load(slopes + v * WIDTH);
  if (task.activation == IDENTITY) return after;
  return derived(task, after, columns.read(task.out + out, v));
}

// The gradient of the product's rows, into `block`, which holds the rows if `level` is there.
template <class Columns>
INLINE void spread(
    const Task& task, const float* slopes, float* block, int n, int t, int rows, int o,
    Columns columns) {
  const int first = t / task.pool;
#pragma GCC unroll 2
  for (int v = 0; v < Columns::vectors; v++) {
    const float* slope = slopes;
    long out = n * task.out_stride + static_cast<long>(first) * task.O + o;
    const uint8_t* index = task.index + (static_cast<long>(n) * task.W + first) * task.O + o;
    const bool norm = task.level;
    const Vector level = norm ? columns.read(task.level + o, v) : zero();
    const Vector tilt = norm ? columns.read(task.tilt + o, v) : zero();
    const Vector scale = norm ? columns.read(task.scale + o, v) : zero();
    Vector sum = zero();
    for (int w = first, row = 0; row < rows; w++, row += task.pool) {
      const int size = rows - row < task.pool ? rows - row : task.pool;
      float* to = block + row * PANEL + v * WIDTH;
      Vector value = zero(), which = zero();
      if (w < task.W) {
        value = gradient(task, slope, out, v, columns);
        sum = add(sum, value);
        if (norm) value = multiply(value, scale);
        if (task.pool > 1) which = columns.read(index, v);
      }
      for (int j = 0; j < size; j++, to += PANEL) {
        Vector own = value;
        if (task.pool > 1)
          own = choose(equal(which, broadcast(static_cast<float>(j))), value, zero());
        store(to, norm ? add(own, multiply_add(load(to), tilt, level)) : own);
      }
      slope += PANEL, out += task.O, index += task.O;
    }
    if (task.sums) columns.write(task.sums + o, v, add(columns.read(task.sums + o, v), sum));
  }
}

}  // namespace

// x or kept rows -> kept rows, moments, out and index, whichever is asked for.
EXPORT(_forward)(const Task* asked) {
  const Task& task = *asked;
  const Products products(task.C, task.O, task.k, task.work);
  alignas(64) float block[BLOCK * PANEL];
  long seen = 0;
  for (int n = 0; n < task.N; n++) {
    blocks(task, [&](int t, int rows) INLINED {
      fetch_rows(task, n, t, rows);
      panels(task, [&](int o, auto columns) INLINED {
        fill(task, products, n, t, rows, o, columns, block);
        if (task.weights && task.kept) {
          Stored* to = task.kept + n * task.kept_stride + static_cast<long>(t) * task.O + o;
          keep_rows(task, block, rows, columns, to);
        }
        if (task.moments)
          add_moments(block, rows, seen, columns, task.moments + o, task.moments + task.O + o);
        if (task.out) finish(task, block, n, t, rows, o, columns);
      });
      seen += rows;
    });
  }
  _mm_sfence();
}

// The gradient before the activation takes the place of `out`; adds to `sums` its sums, and the
// sums of its products with the normalised rows. As many rows as `out` has: pool = 1, W = T.
EXPORT(_reduce)(const Task* asked) {
  const Task& task = *asked;
  const Products products(task.C, task.O, task.k, task.work);
  const Products above(task.above_O, task.O, task.above_k, task.work);
  alignas(64) float block[BLOCK * PANEL], slopes[BLOCK * PANEL];
  for (int n = 0; n < task.N; n++) {
    blocks(task, [&](int t, int rows) INLINED {
      fetch_rows(task, n, t, rows);
      panels(task, [&](int o, auto columns) INLINED {
        fill(task, products, n, t, rows, o, columns, block);
        fill_gradient(task, above, n, t, rows, o, columns, slopes);
        const long out = n * task.out_stride + static_cast<long>(t) * task.O + o;
#pragma GCC unroll 2
        for (int v = 0; v < decltype(columns)::vectors; v++) {
          const Vector mean = columns.read(task.mean + o, v);
          Vector product = zero();
          const Vector sum = sum_over(rows, [&](int row) INLINED {
            const long later = static_cast<long>(row) * task.O;
            const Vector value = gradient(task, slopes + row * PANEL, out + later, v, columns);
            columns.write(task.out + out + later, v, value);
            const Vector distance = subtract(load(block + row * PANEL + v * WIDTH), mean);
            product = multiply_add(value, distance, product);
            return value;
          });
          float *first = task.sums + o, *second = task.sums + task.O + o;
          columns.write(first, v, add(columns.read(first, v), sum));
          const Vector rstd = columns.read(task.rstd + o, v);
          columns.write(second, v, multiply_add(product, rstd, columns.read(second, v)));
        }
      });
    });
  }
}

// Gradient of `out` -> gradient of the product's rows into `place` if asked for; adds to `sums` the
// gradient of the bias, to `weight_sums` that of the weights. With `level` that of a batch norm's
// input is made of `grad`, the gradient of its output, and the rows.
EXPORT(_backward)(const Task* asked) {
  const Task& task = *asked;
  Products products(task.C, task.O, task.k, task.work);
  const Products above(task.above_O, task.O, task.above_k, task.work);
  alignas(64) float block[BLOCK * PANEL], slopes[BLOCK * PANEL];
  for (int n = 0; n < task.N; n++) {
    blocks(task, [&](int t, int rows) INLINED {
      fetch_rows(task, n, t, rows);
      products.begin_block(task.x + n * task.x_stride + static_cast<long>(t) * task.C, rows);
      panels(task, [&](int o, auto columns) INLINED {
        if (task.level) fill(task, products, n, t, rows, o, columns, block);
        const int first = t / task.pool, windows = (rows + task.pool - 1) / task.pool;
        const int count = task.W - first < windows ? task.W - first : windows;
        fill_gradient(task, above, n, first, count, o, columns, slopes);
        spread(task, slopes, block, n, t, rows, o, columns);
        if (task.place) {
          Stored* to = task.place + n * task.place_stride + static_cast<long>(t) * task.O + o;
          write_rows(block, rows, task.O, columns, to);
        }
        products.add_weight_gradient(block, rows, o, columns, task.weight_sums);
      });
    });
  }
}
