// Pipelined unsigned division, exact:
//
//   quot = min(2^QuotBits - 1, floor(num / den)),  0 for den = 0
//
// Restoring division, StageBits quotient bits per stage, no multiplier. One division per cycle, latency
// ceil(QuotBits / StageBits) cycles (at least 2), no stall.
module sb_divide #(
    parameter int unsigned NumBits = 25,  // above QuotBits
    parameter int unsigned DenBits = 20,
    parameter int unsigned QuotBits = 17,
    parameter int unsigned StageBits = 1,  // quotient bits per stage: shortens the latency, lengthens the path
    parameter int unsigned TagBits = 1,  // payload that leaves with a quotient
    localparam int unsigned Latency = (QuotBits + StageBits - 1) / StageBits
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

  // Remainder, divisor, and a register that holds the numerator bits to come and the quotient bits so far.
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

  // Private to the process below and updated in place, last stage first (see sb_array).
  state_t stage_q[Latency-1], last;
  localparam int unsigned LastBits = QuotBits - (Latency - 1) * StageBits;

  always_ff @(posedge clk_i) begin
    last = step(stage_q[Latency-2], LastBits);
    quot_o <= last.over ? {QuotBits{last.den != '0}} : last.work;
    for (int unsigned s = Latency - 2; s > 0; s--) stage_q[s] = step(stage_q[s-1], StageBits);
    stage_q[0] = step(
      '{
          over: DenBits'(num_i[NumBits-1:QuotBits]) >= den_i,
          rem: DenBits'(num_i[NumBits-1:QuotBits]),
          den: den_i,
          work: num_i[QuotBits-1:0]
      },
      StageBits
    );
  end

  logic [Latency-1:0] valid_q;
  always_ff @(posedge clk_i) valid_q <= rst_ni ? {valid_q[Latency-2:0], valid_i} : '0;
  assign valid_o = valid_q[Latency-1];
  sb_delay #(
      .Width(TagBits),
      .Depth(Latency)
  ) i_tag (
      .clk_i,
      .data_i(tag_i),
      .data_o(tag_o)
  );
endmodule
