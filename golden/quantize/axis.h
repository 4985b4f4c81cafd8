// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sb::golden {

/// What shares one scale. Weights are (out_features, in_features); activations are (tokens,
/// channels), a batch of sequences being stored one below the other. Channel and Token make one
/// group per row, Column and ActivationChannel one per column.
enum class Axis { Tensor, Channel, Column, Token, ActivationChannel };

}  // namespace sb::golden
