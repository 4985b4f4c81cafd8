// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "golden/base/clamp.h"
#include "golden/base/matrix.h"
#include "golden/base/operator_params.h"

namespace sb::golden {

/// How codes stand for real values on both sides of a table: value = (code - zero point) * scale.
struct TableFormat {
  double in_scale = 1;
  int in_zero = 0;
  double out_scale = 1;
  int out_zero = 0;
  Clamp clamp = Clamp::S8;  ///< S8, U8 or S9
};

/// Each entry is sat(rhe(f(value) / out_scale) + out_zero), so the table is exact by construction:
/// it is the correctly rounded result for every input there is (ties and double precision aside).
/// Throws InputError when a scale is not above 0, the clamp is S16 or f gives a value that is not
/// finite.
Table make_table(const std::function<double(double)>& f, const TableFormat& format);

/// x * Phi(x), with erf ("gelu" of BERT).
double gelu(double x);
double relu(double x);
/// x for x > 0, slope * x else.
std::function<double(double)> leaky_relu(double slope);
double sigmoid(double x);
// std::tanh serves for tanh.

/// Looks every code up. x: any shape, int8 codes; throws InputError outside.
MatrixI16 apply_table(const MatrixI16& x, const Table& table);

}  // namespace sb::golden
