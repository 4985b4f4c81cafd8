#pragma once
#include "golden/ops/int_layernorm.h"
#include "tb/devices/stage_ops.h"

namespace sb {

/// What the hardware is given of the golden parameters.
inline tb::LayerNormCode layernorm_code(const golden::LayerNormParams& p,
                                        const golden::OperandParams& operand) {
  return {p.mean_mult, p.mean_shift, p.e,           p.row_shift, p.gain,
          p.bias,      operand.k,    operand.shift, operand.bits};
}

}  // namespace sb
