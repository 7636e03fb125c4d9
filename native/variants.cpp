// Which of the compiled instruction sets this processor has.

#include <cpuid.h>
#include <unistd.h>

#include <cstring>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl");
}

// Whether tiles of bfloat16 are there, and the system lets this process use them.
bool has_tiles() {
#if defined(__linux__) && defined(TILES)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!has_avx512() || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  constexpr unsigned amx_bf16 = 1u << 22, amx_tile = 1u << 24, avx512_bf16 = 1u << 5;
  if (!(d & amx_bf16) || !(d & amx_tile)) return false;
  if (!__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a & avx512_bf16)) return false;
  constexpr long arch_req_xcomp_perm = 0x1023, tile_data = 18;
  return !syscall(SYS_arch_prctl, arch_req_xcomp_perm, tile_data);
#else
  return false;
#endif
}

}  // namespace

// Raised whenever a function's arguments or meaning change.
EXPORT int labbench_abi() { return 3; }

// Columns of a panel of packed weights; 0 where this processor cannot run the variant.
EXPORT int labbench_panel(const char* variant) {
  __builtin_cpu_init();
  if (!std::strcmp(variant, "amx")) return has_tiles() ? 32 : 0;
  if (!std::strcmp(variant, "avx512")) return has_avx512() ? 32 : 0;
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return !std::strcmp(variant, "avx2") && avx2 ? 16 : 0;
}
