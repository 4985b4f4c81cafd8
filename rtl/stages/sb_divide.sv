// SPDX-License-Identifier: Apache-2.0
// Pipelined unsigned division, exact:
//
//   quot = min(2^QuotBits - 1, floor(num / den)),  0 for den = 0
//
// Restoring division, StageBits quotient bits per stage, no multiplier. One division per cycle,
// latency divide_latency() (at least 2), no stall.
module sb_divide
  import sb_latency_pkg::*;
#(
    parameter int unsigned NumBits   = 25,  // above QuotBits
    parameter int unsigned DenBits   = 20,
    parameter int unsigned QuotBits  = 17,
    parameter int unsigned StageBits = 1,   // quotient bits per stage: latency against path length
    parameter int unsigned TagBits   = 1    // payload that leaves with a quotient
) (
    input  logic                clk_i,
    input  logic                rst_ni,   // synchronous, active low
    input  logic                valid_i,
    input  logic [ NumBits-1:0] num_i,
    input  logic [ DenBits-1:0] den_i,
    input  logic [ TagBits-1:0] tag_i,
    output logic                valid_o,
    output logic [QuotBits-1:0] quot_o,
    output logic [ TagBits-1:0] tag_o
);
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_divide: TagBits = %0d, must be at least 1", TagBits);
  end
  if (StageBits < 1 || StageBits >= QuotBits) begin : gen_illegal_stage
    $fatal(
        1, "sb_divide: StageBits = %0d, must be 1 to QuotBits - 1 = %0d", StageBits, QuotBits - 1
    );
  end
  if (NumBits <= QuotBits || NumBits - QuotBits > DenBits) begin : gen_illegal_num
    $fatal(1, "sb_divide: NumBits = %0d, must be QuotBits + 1 to QuotBits + DenBits", NumBits);
  end
  localparam int unsigned Latency = divide_latency(QuotBits, StageBits);
  localparam int unsigned LastBits = QuotBits - (Latency - 1) * StageBits;

  // Remainder, divisor, and a register that holds the numerator bits to come and the quotient bits
  // so far.
  typedef struct packed {
    logic                over;  // the quotient does not fit, or den = 0
    logic [DenBits-1:0]  rem;
    logic [DenBits-1:0]  den;
    logic [QuotBits-1:0] work;
  } state_t;

  function automatic state_t step(state_t from, int unsigned bits);
    state_t to;
    logic [DenBits:0] rem, diff;
    to = from;
    for (int unsigned b = 0; b < bits; b++) begin
      rem = {to.rem, to.work[QuotBits-1]};
      diff = rem - {1'b0, to.den};
      to.rem = diff[DenBits] ? rem[DenBits-1:0] : diff[DenBits-1:0];
      to.work = {to.work[QuotBits-2:0], !diff[DenBits]};
    end
    return to;
  endfunction

  logic [Latency:0] valid;
  sb_valid_delay #(
      .Depth  (Latency),
      .TagBits(TagBits)
  ) i_valid (
      .clk_i,
      .rst_ni,
      .valid_i,
      .tag_i,
      .valid_o,
      .tag_o,
      .stage_valid_o(valid)
  );
  state_t [Latency-1:0] state;
  assign state[0] = '{
          over: DenBits'(num_i[NumBits-1:QuotBits]) >= den_i,
          rem: DenBits'(num_i[NumBits-1:QuotBits]),
          den: den_i,
          work: num_i[QuotBits-1:0]
      };
  for (genvar s = 0; s < Latency - 1; s++) begin : gen_stage
    state_t state_q;
    always_ff @(posedge clk_i) if (valid[s]) state_q <= step(state[s], StageBits);
    assign state[s+1] = state_q;
  end
  always_ff @(posedge clk_i) begin
    automatic state_t last;
    last = step(state[Latency-1], LastBits);
    if (valid[Latency-1]) quot_o <= last.over ? {QuotBits{last.den != '0}} : last.work;
  end
endmodule
