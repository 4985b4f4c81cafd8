#pragma once
#include <Eigen/Core>
#include <cstdint>

namespace sb::tb {

/// Row-major matrices. Weights of a linear layer are (N outputs, K inputs).
template <typename T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixI8 = Matrix<int8_t>;
using MatrixI16 = Matrix<int16_t>;
using MatrixI32 = Matrix<int32_t>;

}  // namespace sb::tb
