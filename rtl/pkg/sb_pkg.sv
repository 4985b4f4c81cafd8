// Widths and types that every part of the engine shares.
package sb_pkg;

  localparam int unsigned WeightBits = 8;  // weights: signed
  localparam int unsigned OpBits = 9;  // activation operand at the multiplier: signed, so int8 and uint8 both fit
  localparam int unsigned AccBits = 32;  // accumulators: signed

  // Requantizer (golden/numerics.md section 2): multiplier of 26 bits with one of four shifts.
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

endpackage
