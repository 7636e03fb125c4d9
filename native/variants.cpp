// Which of the compiled instruction sets this processor has.

#include <cstring>

#define EXPORT extern "C" __attribute__((visibility("default")))

// Raised whenever a function's arguments or meaning change.
EXPORT int labbench_abi() { return 2; }

// Columns of a panel of packed weights; 0 where this processor cannot run the variant.
EXPORT int labbench_panel(const char* variant) {
  __builtin_cpu_init();
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl");
  if (!std::strcmp(variant, "avx512")) return avx512 ? 32 : 0;
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return !std::strcmp(variant, "avx2") && avx2 ? 16 : 0;
}
