// SPDX-License-Identifier: Apache-2.0
// Latencies of the array and of the stages in cycles: the one place that says them. A stage takes
// its own from here and asserts it; who instantiates a stage, schedules around it or tests it takes
// them from here too.
//
// `m`: lanes. `stage_bits`: the stage's StageBits. `mul_style`: the stage's MulStyle (sb_pkg),
// since a wide product takes as many steps as the device's multipliers need.
package sb_latency_pkg;

  // Registers that a column group has more than others: MULT18X18D cells have one at their output
  // and one between it and the chain, LUTs one where their digits join. It waits that much less
  // before the exit of the array.
  function automatic int unsigned column_extra(int unsigned mul_style, bit lut);
    if (lut) return 1;
    return mul_style == sb_pkg::MulMult18x18d ? 2 : 0;
  endfunction

  // Dot products of the last group, without its extra registers, to dot_o of sb_array: a wait in
  // which the extra registers of every group find room.
  function automatic int unsigned array_exit(int unsigned mul_style);
    return mul_style == sb_pkg::MulMult18x18d ? 2 : 1;
  endfunction

  // act_i (place 0) to dot_o of a column group without them: operand, product, chain, tree.
  function automatic int unsigned column_latency(int unsigned m, int unsigned chain_length);
    return 2 + chain_length + $clog2(m / chain_length);
  endfunction

  // act_i to dot_o of sb_array: skew, column group, the other groups, exit.
  function automatic int unsigned array_latency(int unsigned m, int unsigned chain_length,
                                                bit pairs, int unsigned mul_style = 0);
    return 1 + column_latency(m, chain_length) + (sb_pkg::array_groups(m, pairs) - 1) +
        array_exit(mul_style);
  endfunction

  // valid_i to valid_o of sb_accumulator: memory, its output register, sum. The sum of a row may be
  // read again one cycle later.
  function automatic int unsigned accumulator_latency();
    return 3;
  endfunction

  // valid_i to dot_i of the same word there: as long as the memory takes.
  function automatic int unsigned accumulator_lead();
    return 2;
  endfunction

  // Operands to product of sb_mul. `x_bits`, `y_bits`: as signed numbers, an unsigned operand has
  // one more than its width. `x_sum`: x is a sum of two; `addend`: one is added to the product.
  function automatic int unsigned mul_latency(int unsigned mul_style, int unsigned x_bits,
                                              int unsigned y_bits, bit x_sum = 0, bit addend = 0);
    if (mul_style == sb_pkg::MulInferred) return 2 + 32'(x_sum);
    return 2 + sb_pkg::mul_x_digits(
        mul_style, x_bits, y_bits, x_sum
    ) * sb_pkg::mul_y_digits(
        mul_style, x_bits, y_bits, x_sum
    ) + 32'(x_sum) + (mul_style == sb_pkg::MulMult18x18d ? 1 + 32'(addend) : 0);
  endfunction

  // The two multiplications of sb_requant: by the row factor; of acc + bias, with half of the last
  // place.
  function automatic int unsigned requant_factor_latency(int unsigned mul_style);
    return mul_latency(mul_style, 27, sb_pkg::FactorBits + 1);
  endfunction
  function automatic int unsigned requant_product_latency(int unsigned mul_style);
    return mul_latency(mul_style, sb_pkg::AccBits, sb_pkg::MultBits + 1, 1'b1, 1'b1);
  endfunction

  // Operands of that product: a DSP48E2 has registers for all of them. Where words may be raw there
  // are some before it all the same: a multiplier of one is their reset, else a LUT per bit.
  function automatic int unsigned requant_operand_latency(int unsigned mul_style, bit raw);
    return mul_style == sb_pkg::MulDsp48e2 && !raw ? 0 : 1;
  endfunction

  // valid_i to valid_o of sb_requant: operands, product, shift, ties, zero point, check, clamp;
  // with the row factor its operands, product and sum before. `raw`: OutBits = 32.
  function automatic int unsigned requant_latency(bit row_factor, int unsigned mul_style = 0,
                                                  bit raw = 0);
    return requant_operand_latency(mul_style, raw) + requant_product_latency(mul_style) + 5 +
        (row_factor ? 2 + requant_factor_latency(mul_style) : 0);
  endfunction

  // valid_i to valid_o of sb_table.
  function automatic int unsigned table_latency();
    return 2;
  endfunction

  // valid_i to valid_o of sb_ram_fifo: memory, its latch, output register.
  function automatic int unsigned ram_fifo_latency();
    return 3;
  endfunction

  // valid_i to valid_o of sb_exp and sb_exp_lookup.
  function automatic int unsigned exp_latency();
    return 2 + table_latency();
  endfunction

  // valid_i to valid_o of sb_divide.
  function automatic int unsigned divide_latency(int unsigned quot_bits,
                                                 int unsigned stage_bits = 1);
    return stage_bits < 1 ? 2 : (quot_bits + stage_bits - 1) / stage_bits;
  endfunction

  // valid_i to valid_o of sb_recip.
  function automatic int unsigned recip_latency(int unsigned stage_bits = 1);
    return divide_latency(sb_pkg::FactorBits, stage_bits);
  endfunction

  // Value to result of sb_row_reduce: from a row's last value, which waits for the memory if its
  // control came less than two cycles before.
  function automatic int unsigned row_reduce_latency(int unsigned value_delay);
    return 2 + (value_delay < 2 ? 2 - value_delay : 0);
  endfunction

  // Last word of a row to the row's result of sb_row_max.
  function automatic int unsigned row_max_latency(int unsigned m);
    return 1 + $clog2(m) + row_reduce_latency(1 + $clog2(m));
  endfunction

  // The same of sb_row_sum.
  function automatic int unsigned row_sum_latency(int unsigned m);
    return $clog2(m) + row_reduce_latency($clog2(m));
  endfunction

  // Last word of a row to its reciprocal, recip_valid_o of sb_exp.
  function automatic int unsigned exp_recip_latency(int unsigned m, int unsigned stage_bits = 1);
    return exp_latency() + row_sum_latency(m) + recip_latency(stage_bits);
  endfunction

  // Last word of a row to valid_o of sb_row_stats.
  function automatic int unsigned row_stats_latency(int unsigned m, int unsigned mul_style = 0);
    return mul_latency(mul_style, sb_pkg::ResBits, sb_pkg::ResBits) + row_sum_latency(m);
  endfunction

  // valid_i to valid_o of sb_residual: sum, saturation.
  function automatic int unsigned residual_latency();
    return 2;
  endfunction

  // Last word of a row to stats_valid_o of sb_residual.
  function automatic int unsigned residual_stats_latency(int unsigned m,
                                                         int unsigned mul_style = 0);
    return residual_latency() + row_stats_latency(m, mul_style);
  endfunction

  // valid_i to valid_o of sb_rsqrt: normalization, three cycles a digit, rounding in two.
  localparam int unsigned RootDigits = 18;
  function automatic int unsigned rsqrt_latency();
    return 4 + 3 * RootDigits + 2;
  endfunction

  // Products to W in sb_norm_row.
  function automatic int unsigned norm_w_latency();
    return 4;
  endfunction

  // valid_i to valid_o of sb_norm_row: the longer of the products of W, W, its root.
  function automatic int unsigned norm_row_latency(int unsigned mul_style = 0);
    int unsigned square, product;
    square  = mul_latency(mul_style, sb_pkg::RowSumBits, sb_pkg::RowSumBits);
    product = mul_latency(mul_style, sb_pkg::RowSqBits + 1, 14);
    return (square > product ? square : product) + norm_w_latency() + rsqrt_latency();
  endfunction

  // valid_i to valid_o of sb_layernorm: deviation, product, shift and saturation, product,
  // rounding, product, rounding.
  function automatic int unsigned layernorm_latency(int unsigned mul_style = 0);
    return 2 + mul_latency(mul_style, 26, 18) + 4 + mul_latency(mul_style, 27, 18, 1'b0, 1'b1) + 2 +
        mul_latency(mul_style, 16, 17, 1'b0, 1'b1) + 2;
  endfunction

  // next_i to the word of sb_block_words.
  function automatic int unsigned block_words_latency();
    return 2;
  endfunction

  // Word taken to its result, without stalls, of the stage tops: the stage, its stream, and what of
  // it comes with the word.
  function automatic int unsigned table_top_latency();
    return table_latency() + 1;
  endfunction
  function automatic int unsigned requant_top_latency(int unsigned mul_style = 0);
    return block_words_latency() + requant_latency(1'b1, mul_style) + 1;
  endfunction
  function automatic int unsigned residual_top_latency();
    return residual_latency() + 1;
  endfunction

  // Words of a row to its probabilities in sb_softmax_top: operands, product, rounding.
  function automatic int unsigned softmax_round_latency(int unsigned mul_style = 0);
    return 1 + mul_latency(mul_style, 18, 27, 1'b0, 1'b1) + 2;
  endfunction

  // First word of a row of L words to its first result, less 2 * L, in sb_softmax_top.
  function automatic int unsigned softmax_top_latency(int unsigned m, int unsigned mul_style = 0);
    return row_max_latency(m) + ram_fifo_latency() + exp_latency() + row_sum_latency(m) +
        divide_latency(26) + ram_fifo_latency() + softmax_round_latency(mul_style) - 1;
  endfunction

  // The same, less L, in sb_layernorm_top.
  function automatic int unsigned layernorm_top_latency(int unsigned m, int unsigned mul_style = 0);
    return row_stats_latency(m, mul_style) + norm_row_latency(mul_style) + ram_fifo_latency() +
        block_words_latency() + layernorm_latency(mul_style);
  endfunction

endpackage
