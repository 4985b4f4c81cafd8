// SPDX-License-Identifier: Apache-2.0
// Checks commands before they start, and asks for their parameters ahead.
//
// A command takes about 12 cycles. Ends of all regions are computed by one multiplier. A command
// with a fault leaves as an op_t with `error` set, the lowest code that applies; nothing is taken
// after it or after CmdEnd until reset. Rules: rtl/engine/README.md.
// Contract: valid / ready streams, ready_o and valid_o depend on registers alone; an op_t leaves
// after its parameter request, if it has one, was taken.
`include "sb_assert.svh"

module sb_cmd_check
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
#(
    parameter int unsigned M = 16,
    parameter int unsigned Rows = 128,
    parameter int unsigned StatRows = 128,
    parameter int unsigned ActBits = 8,
    parameter int unsigned ActDepth[2] = '{1024, 1024},
    parameter int unsigned ResDepth[2] = '{1024, 1024},
    parameter int unsigned ExpTables = 32
) (
    input  logic               clk_i,
    input  logic               rst_ni,        // synchronous, active low
    input  logic               cmd_valid_i,
    output logic               cmd_ready_o,
    input  logic [CmdBits-1:0] cmd_i,
    input  logic               end_i,         // the program has ended: index 0 is next
    output logic               preq_valid_o,  // parameters of a command
    input  logic               preq_ready_i,
    output logic [       39:0] preq_addr_o,
    output logic [       31:0] preq_words_o,  // of M bytes
    output logic               op_valid_o,
    input  logic               op_ready_i,
    output op_t                op_o
);
  localparam int unsigned MBits = $clog2(M);
  localparam int unsigned EntryWords = 8;  // words of M bytes in a channel or LayerNorm word
  localparam int unsigned MaxColumns = 4096;  // of LayerNorm
  localparam int unsigned MaxKeys = 2048;  // of exp: row sums and factors stay in range
  localparam int unsigned EndBits = 34;  // of an address beyond the memory

  typedef enum logic [1:0] {
    Idle,
    Compute,
    Request,
    Hand
  } state_e;
  typedef enum logic [2:0] {
    Source0,
    Source1,
    Result0,
    Result1,
    Weight,
    Back,
    Tiles,
    Judge
  } step_e;

  state_e state_q;
  logic stopped_q;
  logic [31:0] index_q;
  cmd_t cmd_q;
  assign cmd_ready_o = state_q == Idle && !stopped_q;
  wire take = cmd_valid_i && cmd_ready_o;

  // What the command is.
  wire is_load = cmd_q.kind == CmdLoad;
  wire is_store = cmd_q.kind == CmdStore;
  wire is_matmul = cmd_q.kind == CmdMatmul;
  wire is_table = cmd_q.kind == CmdTable;
  wire is_norm = (is_matmul || is_store) && cmd_q.prologue == ProNorm;
  wire is_exp = is_matmul && cmd_q.prologue == ProExp;
  wire from_memory = is_matmul && cmd_q.weight != WeightStream;
  wire from_stream = is_matmul && cmd_q.weight == WeightStream;
  wire has_source = is_matmul || is_store;
  wire has_result = is_matmul || is_load;
  wire to_residual = is_load || cmd_q.dest != DestAct;
  wire uses_keys = is_exp || from_memory || (is_matmul && cmd_q.row_max);
  wire has_back = is_matmul && is_norm;
  wire exp_load = is_table && cmd_q.exp_load;
  wire streams = is_load || is_store || is_table || from_stream || (is_matmul && is_norm) ||
      (is_matmul && !cmd_q.chan_shared);

  // Fields that have a function in this command: all others must be 0.
  cmd_t used, unused;
  always_comb begin
    used = '0;
    used.kind = cmd_kind_e'('1);
    if (is_matmul || is_load || is_store) used.rows = '1;
    if (has_source) begin
      used.k_blocks = '1;
      used.prologue = prologue_e'('1);
      used.source   = '1;
    end
    if (has_result) begin
      used.n_blocks = '1;
      used.result   = '1;
    end
    if (is_norm) begin
      used.norm_identity = 1'b1;
      if (!cmd_q.norm_identity) used.norm_in = '1;
    end
    if (has_back) begin
      used.back_bank   = 1'b1;
      used.back_base   = '1;
      used.back_stride = '1;
      used.operand     = '1;
    end
    if (is_matmul) begin
      used.act_unsigned = cmd_q.prologue == ProBypass && ActBits == 8;
      used.weight       = weight_e'('1);
      used.chan_shared  = 1'b1;
      used.clamp        = clamp_e'('1);
      used.zero_point   = '1;
      used.row_factor   = 1'b1;
      used.table_on     = 1'b1;
      used.table_sel    = cmd_q.table_on;
      used.dest         = dest_e'('1);
      used.row_max      = 1'b1;
      used.norm_stats   = 1'b1;
      if (cmd_q.chan_shared) begin
        used.shift_sel = '1;
        used.mult      = '1;
      end
      if (cmd_q.row_max) used.max_out = '1;
      if (cmd_q.norm_stats) begin
        used.norm_out = '1;
        used.norm     = '1;
      end
    end
    if (uses_keys) used.keys = '1;
    if (is_exp) begin
      used.exp_table = '1;
      used.max_in    = '1;
    end
    if (from_memory) begin
      used.weight_bank   = 1'b1;
      used.weight_base   = '1;
      used.weight_stride = '1;
    end
    if (is_table) begin
      used.exp_load = 1'b1;
      if (cmd_q.exp_load) used.exp_table = '1;
      else used.table_sel = 1'b1;
    end
    if (streams) used.stream_addr = '1;
    if (is_store) used.store_addr = '1;
    unused = cmd_q & ~used;
  end

  // Ends of the regions, one part per cycle through the multiplier: first + (blocks - 1) * stride +
  // rows - 1.
  typedef struct packed {
    logic                present;
    logic                bank;
    logic                residual;
    logic [AddrBits-1:0] first;
    logic [15:0]         blocks;
    logic [15:0]         stride;
    logic [15:0]         rows;
  } part_t;
  function automatic part_t region_part(logic present, logic residual, region_t region,
                                        logic [15:0] blocks, logic [15:0] rows, logic upper);
    logic [15:0] below;
    below = region.split < blocks ? region.split : blocks;
    region_part.blocks = upper ? blocks - below : below;
    region_part.present = present && region_part.blocks != '0;
    region_part.bank = region.bank ^ upper;
    region_part.residual = residual;
    region_part.first = upper ? region.base2 : region.base;
    region_part.stride = region.stride;
    region_part.rows = rows;
  endfunction

  step_e step_q, step1_q, step2_q, step3_q;
  part_t part, part1_q, part2_q;
  logic run1_q, run2_q, run3_q;
  logic [31:0] product2_q;
  logic [31:0] product3_q;
  range_t range3_q;
  logic outside3_q, over3_q;
  always_comb begin
    unique case (step_q)
      Source0:
      part = region_part(has_source, is_norm, cmd_q.source, cmd_q.k_blocks, cmd_q.rows, 1'b0);
      Source1:
      part = region_part(has_source, is_norm, cmd_q.source, cmd_q.k_blocks, cmd_q.rows, 1'b1);
      Result0:
      part = region_part(has_result, to_residual, cmd_q.result, cmd_q.n_blocks, cmd_q.rows, 1'b0);
      Result1:
      part = region_part(has_result, to_residual, cmd_q.result, cmd_q.n_blocks, cmd_q.rows, 1'b1);
      Weight:
      part = '{
          present: from_memory && cmd_q.keys != '0,
          bank: cmd_q.weight_bank,
          residual: 1'b0,
          first: cmd_q.weight_base,
          blocks: cmd_q.weight == WeightKeys ? cmd_q.k_blocks : cmd_q.n_blocks,
          stride: cmd_q.weight_stride,
          rows: cmd_q.keys
      };
      Back:
      part = '{
          present: has_back,
          bank: cmd_q.back_bank,
          residual: 1'b0,
          first: cmd_q.back_base,
          blocks: cmd_q.k_blocks,
          stride: cmd_q.back_stride,
          rows: cmd_q.rows
      };
      default:  // tiles, or words of load and store
      part = '{
          present: 1'b0,
          bank: 1'b0,
          residual: 1'b0,
          first: '0,
          blocks: is_matmul ? cmd_q.n_blocks : cmd_q.rows,
          stride: has_source ? cmd_q.k_blocks : cmd_q.n_blocks,
          rows: '0
      };
    endcase
  end
  function automatic logic [EndBits-1:0] depth(logic residual, logic bank);
    if (residual) return bank ? EndBits'(ResDepth[1]) : EndBits'(ResDepth[0]);
    return bank ? EndBits'(ActDepth[1]) : EndBits'(ActDepth[0]);
  endfunction

  range_t [1:0] source_q, result_q;
  range_t weight_q, back_q;
  logic source_bad_q, result_bad_q, weight_bad_q, back_bad_q;
  logic [31:0] tiles_q;  // n_blocks * k_blocks; of load and store rows * blocks
  wire [EndBits-1:0] end2 = EndBits'(product2_q) + EndBits'(part2_q.first) +
      EndBits'(part2_q.rows) - 1'b1;
  always_ff @(posedge clk_i) begin
    // 1: operands; 2: product; 3: end of the part
    run1_q <= rst_ni && state_q == Compute;
    run2_q <= rst_ni && run1_q;
    run3_q <= rst_ni && run2_q;
    step1_q <= step_q;
    step2_q <= step1_q;
    step3_q <= step2_q;
    part1_q <= part;
    part2_q <= part1_q;
    product2_q <= {16'b0, part1_q.blocks - 16'd1} * 32'(part1_q.stride);
    product3_q <= product2_q;
    range3_q <= '{
        valid: part2_q.present,
        bank: part2_q.bank,
        first: part2_q.first,
        last: end2[AddrBits-1:0]
    };
    over3_q <= part2_q.present && part2_q.rows > part2_q.stride;
    outside3_q <= part2_q.present && end2 >= depth(part2_q.residual, part2_q.bank);
    // 4: kept
    if (take) begin
      {source_bad_q, result_bad_q, weight_bad_q, back_bad_q} <= '0;
      cmd_q <= cmd_i;
    end else if (run3_q) begin
      unique case (step3_q)
        Source0: source_q[0] <= range3_q;
        Source1: source_q[1] <= range3_q;
        Result0: result_q[0] <= range3_q;
        Result1: result_q[1] <= range3_q;
        Weight: weight_q <= range3_q;
        Back: back_q <= range3_q;
        Tiles: tiles_q <= product3_q + (has_source ? 32'(cmd_q.k_blocks) : 32'(cmd_q.n_blocks));
        default: ;
      endcase
      if (step3_q == Source0 || step3_q == Source1)
        source_bad_q <= source_bad_q || outside3_q || over3_q;
      if (step3_q == Result0 || step3_q == Result1)
        result_bad_q <= result_bad_q || outside3_q || over3_q;
      if (step3_q == Weight) weight_bad_q <= outside3_q || over3_q;
      if (step3_q == Back) back_bad_q <= outside3_q || over3_q;
    end
  end

  // Rules.
  function automatic logic overlap(range_t a, range_t b);
    return a.valid && b.valid && a.bank == b.bank && a.first <= b.last && b.first <= a.last;
  endfunction
  wire [31:0] max_rows = is_matmul ? Rows : StatRows;
  function automatic logic row_outside(logic on, logic [15:0] base, logic [15:0] rows);
    return on && 32'(base) + 32'(rows) > StatRows;
  endfunction
  // Rows written above those read in the same memory could be read before or after.
  function automatic logic row_clash(logic on, logic [15:0] from, logic [15:0] to,
                                     logic [15:0] rows);
    return on && to > from && 32'(to) < 32'(from) + 32'(rows);
  endfunction
  wire [MBits+31:0] tile_words = {tiles_q, MBits'(0)};
  wire [MBits+32:0] words = (from_stream ? (MBits + 33)'(tile_words) : '0) +
      (is_norm ? (MBits + 33)'(cmd_q.k_blocks) * (MBits + 33)'(EntryWords) : '0) +
      (is_matmul && !cmd_q.chan_shared ?
       (MBits + 33)'(cmd_q.n_blocks) * (MBits + 33)'(EntryWords) : '0);
  wire [31:0] k_lanes = 32'(cmd_q.k_blocks) << MBits;
  wire [31:0] n_lanes = 32'(cmd_q.n_blocks) << MBits;
  wire [31:0] key_lanes =
      is_exp || (from_memory && cmd_q.weight == WeightValues) ? k_lanes : n_lanes;
  wire both_key_sides = (is_exp || (from_memory && cmd_q.weight == WeightValues)) &&
      (cmd_q.row_max || (from_memory && cmd_q.weight == WeightKeys));
  wire narrow = cmd_q.clamp == ClampS8 || cmd_q.clamp == ClampU8 ||
      (cmd_q.clamp == ClampS9 && ActBits == 9);
  wire int8_act = cmd_q.clamp == ClampS8 && cmd_q.dest == DestAct;
  wire norm_bad = cmd_q.norm.columns == '0 || 32'(cmd_q.norm.columns) > MaxColumns ||
      cmd_q.norm.mean_shift < 6'd16 || cmd_q.norm.mean_shift > 6'd32 ||
      cmd_q.norm.row_shift < 5'd8 || n_lanes > MaxColumns;

  logic [255:0] bad;  // by code; those from 16 on come from the bus
  always_comb begin
    bad = '0;
    bad[ErrKind] = !(cmd_q.kind inside {CmdEnd, CmdLoad, CmdStore, CmdMatmul, CmdTable});
    bad[ErrReserved] = unused != '0 || cmd_q.prologue > ProNorm || cmd_q.weight > WeightValues ||
        cmd_q.dest > DestResidual || cmd_q.clamp > ClampS16;
    bad[ErrRows] = used.rows != '0 && (cmd_q.rows == '0 || 32'(cmd_q.rows) > max_rows);
    bad[ErrBlocks] = (has_source && cmd_q.k_blocks == '0) || (has_result && cmd_q.n_blocks == '0) ||
        words[MBits+32:32] != '0 || (is_matmul && k_lanes > 32'd65536);
    bad[ErrSource] = source_bad_q;
    bad[ErrResult] = result_bad_q;
    bad[ErrWeight] = weight_bad_q;
    bad[ErrBack] = back_bad_q;
    bad[ErrRowMemory] = row_outside(is_norm && !cmd_q.norm_identity, cmd_q.norm_in, cmd_q.rows) ||
        row_outside(is_exp, cmd_q.max_in, cmd_q.rows) ||
        row_outside(is_matmul && cmd_q.row_max, cmd_q.max_out, cmd_q.rows) ||
        row_outside(is_matmul && cmd_q.norm_stats, cmd_q.norm_out, cmd_q.rows);
    bad[ErrTable] = (is_exp || exp_load) && 32'(cmd_q.exp_table) >= ExpTables;
    if (is_store) bad[ErrOption] = cmd_q.prologue != ProNorm;
    if (is_matmul)
      bad[ErrOption] = (cmd_q.dest == DestAct ? !narrow : cmd_q.clamp != ClampS16) ||
          (cmd_q.table_on && !int8_act) || (cmd_q.row_max && (!int8_act || cmd_q.table_on)) ||
          (cmd_q.row_factor && !is_exp) || (cmd_q.norm_stats && cmd_q.dest == DestAct) ||
          (cmd_q.norm_stats && norm_bad) || (has_back && cmd_q.operand.nine && ActBits == 8) ||
          (uses_keys && 32'(cmd_q.keys) > key_lanes) ||
          (both_key_sides && 32'(cmd_q.keys) > n_lanes) || (is_exp && 32'(cmd_q.keys) > MaxKeys);
    for (int unsigned p = 0; p < 2; p++) begin
      for (int unsigned s = 0; s < 2; s++) begin
        if (is_norm == to_residual && overlap(result_q[p], source_q[s])) bad[ErrOverlap] = 1'b1;
      end
      if (!to_residual && (overlap(result_q[p], weight_q) || overlap(result_q[p], back_q)))
        bad[ErrOverlap] = 1'b1;
    end
    if (overlap(
            back_q, weight_q
        ) || row_clash(
            is_exp && cmd_q.row_max, cmd_q.max_in, cmd_q.max_out, cmd_q.rows
        ) || row_clash(
            has_back && !cmd_q.norm_identity && cmd_q.norm_stats,
            cmd_q.norm_in,
            cmd_q.norm_out,
            cmd_q.rows
        ))
      bad[ErrOverlap] = 1'b1;
    bad[ErrAlign] = cmd_q.stream_addr % 40'(StreamAlign) != '0 ||
        cmd_q.store_addr % 40'(StreamAlign) != '0;
  end
  function automatic error_e lowest(logic [255:0] flags);
    lowest = ErrNone;
    for (int unsigned i = 0; i < 16; i++) if (flags[15-i]) lowest = error_e'(8'(15 - i));
  endfunction

  // One cycle per part, three until the last has its end, one to judge.
  logic [1:0] settle_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= Idle;
      stopped_q <= 1'b0;
      index_q   <= '0;
    end else begin
      if (end_i) begin
        stopped_q <= 1'b0;
        index_q   <= '0;
      end
      unique case (state_q)
        Idle:
        if (take) begin
          state_q  <= Compute;
          step_q   <= Source0;
          settle_q <= '0;
        end
        Compute:
        if (step_q != Judge) step_q <= step_e'(step_q + 1'b1);
        else begin
          settle_q <= settle_q + 1'b1;
          if (settle_q == '1) begin
            state_q <= lowest(bad) == ErrNone && words != '0 ? Request : Hand;
            index_q <= index_q + 1'b1;
            if (lowest(bad) != ErrNone || cmd_q.kind == CmdEnd) stopped_q <= 1'b1;
          end
        end
        Request: if (preq_ready_i) state_q <= Hand;
        default: if (op_ready_i) state_q <= Idle;
      endcase
    end
    if (state_q == Compute) begin
      preq_words_o <= words[31:0];
      op_o <= '{
          index: index_q,
          error: lowest(bad),
          source: source_q,
          result: result_q,
          back: back_q,
          words: tiles_q,
          body: cmd_q[BodyBits-1:0]
      };
    end
  end
  assign preq_valid_o = state_q == Request;
  assign preq_addr_o  = cmd_q.stream_addr;
  assign op_valid_o   = state_q == Hand;

  `SB_ASSERT_STABLE(CmdStable_A, cmd_valid_i, cmd_ready_o, cmd_i)
endmodule
