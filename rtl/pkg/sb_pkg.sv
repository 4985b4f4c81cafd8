// SPDX-License-Identifier: Apache-2.0
// Widths and types that every part of the engine shares.
package sb_pkg;

  localparam int unsigned WeightBits = 8;  // weights: signed
  localparam int unsigned OpBits = 9;  // activation at the multiplier: signed, int8 and uint8 fit
  localparam int unsigned AccBits = 32;  // accumulators: signed

  // How multipliers are made. Parameters of this kind are `int unsigned`, so that every tool takes
  // a number for them on its command line, and are compared with these names.
  typedef enum int unsigned {
    MulInferred   = 0,  // left to the synthesis tool; the fastest to simulate
    MulDsp48e2    = 1,  // cells of UltraScale+
    MulMult18x18d = 2   // cells of ECP5
  } mul_style_e;

  // How sb_mul cuts its operands: digits of 17 bits, the highest signed with up to 18. A DSP48E2
  // takes one operand of up to 27 bits whole. The bits are those of signed numbers; `x_sum`: x is a
  // sum of two, made at the narrow port of a DSP48E2.
  localparam int unsigned DigitBits = 17;
  function automatic int unsigned digits(int unsigned bits);
    return bits <= DigitBits + 1 ? 1 : (bits - 2) / DigitBits + 1;
  endfunction
  function automatic bit mul_x_whole(int unsigned style, int unsigned x_bits, int unsigned y_bits,
                                     bit x_sum);
    return style == MulDsp48e2 && !x_sum && x_bits <= 27 &&
        (y_bits > 27 || digits(y_bits) <= digits(x_bits));
  endfunction
  function automatic bit mul_y_whole(int unsigned style, int unsigned x_bits, int unsigned y_bits,
                                     bit x_sum);
    return style == MulDsp48e2 && y_bits <= 27 && !mul_x_whole(style, x_bits, y_bits, x_sum);
  endfunction
  function automatic int unsigned mul_x_digits(int unsigned style, int unsigned x_bits,
                                               int unsigned y_bits, bit x_sum);
    return mul_x_whole(style, x_bits, y_bits, x_sum) ? 1 : digits(x_bits);
  endfunction
  function automatic int unsigned mul_y_digits(int unsigned style, int unsigned x_bits,
                                               int unsigned y_bits, bit x_sum);
    return mul_y_whole(style, x_bits, y_bits, x_sum) ? 1 : digits(y_bits);
  endfunction

  // A word of a row in a stream with valid and tag. A row is one or more words.
  typedef struct packed {
    logic        valid;
    logic        first;  // first word of its row
    logic        last;   // last word of its row
    logic [15:0] row;    // number of the row: users assert that it is inside their range
  } row_word_t;

  // Array (rtl/array/sb_array.sv): the arithmetic of packed chains, and which channels come out
  // negated.
  localparam int unsigned MaxM = 64;  // largest array
  localparam int unsigned PackGap = 18;  // where the high field of a packed chain starts
  localparam int unsigned PackStart = 1 << (PackGap - 1);  // half of the packed chains start at it
  localparam int unsigned PackBits = PackGap + OpBits + WeightBits + 2;  // 4 products of both

  // The fields of a packed chain: -sum0, and sum1 less what a negative low field borrowed.
  typedef logic signed [PackBits-1:0] packed_chain_t;
  function automatic logic signed [PackGap-1:0] packed_low(packed_chain_t chain, logic started);
    return PackGap'(chain) ^ {started, {(PackGap - 1) {1'b0}}};
  endfunction
  function automatic logic signed [PackBits-PackGap-1:0] packed_high(packed_chain_t chain);
    return (PackBits - PackGap)'(chain >>> PackGap);
  endfunction

  function automatic int unsigned array_groups(int unsigned m, bit pairs);
    return pairs ? m / 2 : m;
  endfunction
  // Channels whose dot products leave the array negated: the even ones of the groups that pack two
  // channels into each multiplier.
  function automatic logic [MaxM-1:0] array_negated(bit pairs, int unsigned lut_channels);
    return pairs ? {MaxM / 2{2'b01}} << lut_channels : '0;
  endfunction

  // Requantizer (golden/ops/numerics.md section 2): multiplier of 26 bits with one of four shifts.
  localparam int unsigned MultBits = 26;
  localparam int unsigned ShiftStep = 10;  // shifts are ShiftBase + ShiftStep * select
  localparam int unsigned ShiftBase = 16;

  // What the requantizer needs for one output channel; ChanBits wide.
  typedef struct packed {
    logic [3:0]                reserved;   // zero
    logic [1:0]                shift_sel;  // shift = 16 + 10 * shift_sel
    logic [MultBits-1:0]       mult;       // unsigned
    logic signed [AccBits-1:0] bias;       // zero point of the activations folded in
  } chan_t;
  localparam int unsigned ChanBits = $bits(chan_t);  // 64

  // Clamp of a requantized result.
  typedef enum logic [2:0] {
    ClampRaw = 3'd0,  // no requantization: the accumulator plus bias, 32 bits
    ClampS8  = 3'd1,
    ClampU8  = 3'd2,
    ClampS9  = 3'd3,
    ClampS16 = 3'd4
  } clamp_e;

  // One matrix product. Rows up to the accumulator depth; more rows are more jobs.
  typedef struct packed {
    logic               act_unsigned;  // activation lanes of 8 bits are unsigned
    clamp_e             clamp;
    logic signed [15:0] zero_point;    // added after rounding, before the clamp
    logic [15:0]        rows;          // 1 .. Rows
    logic [15:0]        k_blocks;      // ceil(K / M), 1 or more
    logic [15:0]        n_blocks;      // ceil(N / M), 1 or more
  } job_t;
  localparam int unsigned JobBits = $bits(job_t);

  // exp and the row factor (golden/ops/numerics.md sections 3 to 5).
  localparam int unsigned ExpSumBits = 20;  // row sum of exp codes: unsigned
  localparam int unsigned FactorBits = 17;  // reciprocal of a row sum: unsigned

  // LayerNorm (section 8).
  localparam int unsigned ResBits = 16;  // residual stream: signed
  localparam int unsigned RowSumBits = 28;  // sum of a row: signed
  localparam int unsigned RowSqBits = 43;  // sum of its squares: never negative

  // What LayerNorm needs of one channel; NormChanBits wide. Padding lanes: zero, which gives 0.
  typedef struct packed {
    logic [3:0]         reserved;  // zero
    logic [15:0]        k;         // array operand per 16-bit code, unsigned
    logic signed [25:0] bias;
    logic signed [17:0] gain;
  } norm_chan_t;
  localparam int unsigned NormChanBits = $bits(norm_chan_t);  // 64

  // What it needs of one row; {0, 65536, 16} with gain 16384 and bias 0 passes a row unchanged.
  typedef struct packed {
    logic signed [24:0] mean8;  // mean with 8 fraction bits
    logic [16:0]        m;      // mantissa of 1 / sqrt(W)
    logic signed [6:0]  q;      // shift of t * m
  } norm_row_t;
  localparam int unsigned NormRowBits = $bits(norm_row_t);

  // What it needs of one operation.
  typedef struct packed {
    logic [12:0] columns;     // 1 .. 4096
    logic [25:0] mean_mult;
    logic [5:0]  mean_shift;  // 16 .. 32
    logic [55:0] e;
    logic [4:0]  row_shift;   // 8 .. 31
  } norm_job_t;
  localparam int unsigned NormJobBits = $bits(norm_job_t);

  // How the array operand is made from a 16-bit code.
  typedef struct packed {
    logic       nine;       // 9 bits; else 8
    logic [1:0] shift_sel;  // shift = 16 + 4 * shift_sel
  } operand_t;

endpackage
