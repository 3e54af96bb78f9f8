// The float32 kernels of Eigen as TensorFlow 2.5 to 2.8 called them on AVX-512, to hold actcli's tensorflow2 numerics against.
//
// Reads float32 numbers on standard input, writes one float32 result each on standard output:
//   g++ -O2 -mavx512f -mavx512dq -mfma -I/usr/include/eigen3 eigen_kernels.cpp -o eigen_kernels && ./eigen_kernels tanh < in > out
// Fused multiply-add is what makes the tutorial's digits; without -mfma other last digits come out.
// The arrays are Eigen's own, hence aligned: numbers before the first aligned address would take the scalar path.

#include <Eigen/Core>
#include <cstdio>
#include <cstring>

#ifndef EIGEN_VECTORIZE_AVX512
#error "compile with -mavx512f -mavx512dq -mfma"
#endif

int main(int argc, char** argv) {
  const bool is_tanh = argc == 2 && !std::strcmp(argv[1], "tanh");
  const bool is_logistic = argc == 2 && !std::strcmp(argv[1], "logistic");
  if (!is_tanh && !is_logistic) {
    std::fprintf(stderr, "usage: eigen_kernels tanh|logistic\n");
    return 2;
  }
  const size_t size = size_t(1) << 20;  // a multiple of the packet, so that every number takes the vector path
  Eigen::ArrayXf x(size), y(size);
  while (size_t count = std::fread(x.data(), sizeof(float), size, stdin)) {
    x.tail(size - count).setZero();
    if (is_tanh) y = x.tanh();
    else y = x.unaryExpr(Eigen::internal::scalar_logistic_op<float>());
    if (std::fwrite(y.data(), sizeof(float), count, stdout) != count) return 3;
  }
  return 0;
}
