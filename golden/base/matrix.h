// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>
#include <cstdint>

namespace sb::golden {

/// Row-major matrices, as .npy and safetensors store them. Rows are tokens (or rows of a batch),
/// columns are channels. Weights of a linear layer are stored as safetensors has them:
/// (out_features, in_features).
template <typename T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <typename T>
using Vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;

using MatrixF = Matrix<float>;
using MatrixD = Matrix<double>;
using MatrixI8 = Matrix<int8_t>;
using MatrixI16 = Matrix<int16_t>;
using MatrixI32 = Matrix<int32_t>;
using VectorF = Vector<float>;
using VectorI32 = Vector<int32_t>;

}  // namespace sb::golden
