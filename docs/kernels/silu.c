/* Two kernels of silu(x) = x / (1 + exp(-x)) for docs/check.md: as the formula says, and mended. */
#include <math.h>
#include <stddef.h>

void silu(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float e = exp(-x[i]);
        y[i] = x[i] / (1 + e);
    }
}

void silu_mended(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double v = x[i];
        y[i] = v < -200 ? -0.0 : v / (1 + exp(-v));
    }
}
