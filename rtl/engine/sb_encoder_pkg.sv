// SPDX-License-Identifier: Apache-2.0
// Types inside the encoder engine: commands under way, what they have still to write, walks through
// memory regions, and the latencies that the engine schedules by.
package sb_encoder_pkg;
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_latency_pkg::*;

  localparam int unsigned AddrBits = 16;  // address of a memory word
  localparam int unsigned Slots = 4;  // commands under way
  localparam int unsigned BodyBits = CmdBits - CmdReservedBits;

  // Number of a command under way, modulo 2 * Slots; the low bits are its slot in the ring.
  localparam int unsigned SlotBits = $clog2(Slots);
  typedef logic [SlotBits:0] seq_t;
  typedef logic [SlotBits-1:0] slot_t;

  // Words first .. last of a memory bank. As a pending range: those not yet written.
  typedef struct packed {
    logic                valid;
    logic                bank;
    logic [AddrBits-1:0] first;
    logic [AddrBits-1:0] last;
  } range_t;

  // A checked command. `ranges` in parts: blocks below split, the others.
  typedef struct packed {
    logic [31:0]         index;   // in the program
    error_e              error;   // not ErrNone: no command, but a report
    range_t [1:0]        source;
    range_t [1:0]        result;
    range_t              back;
    logic [31:0]         words;   // load and store: of 2 * M bytes
    logic [BodyBits-1:0] body;    // cmd_t without the reserved bits
  } op_t;
  function automatic cmd_t op_cmd(op_t op);
    return cmd_t'({CmdReservedBits'(0), op.body});
  endfunction

  // What a command under way has still to write.
  typedef struct packed {
    logic         residual;  // `result` is in the residual memory
    logic         load;      // and comes from external memory
    range_t [1:0] result;    // by part
    range_t       back;      // 8-bit results of LayerNorm, activation memory
    range_t [1:0] norm;      // its 16-bit results, residual memory, by part
    range_t       maxima;    // of the rows
    range_t       stats;     // row constants
  } pending_t;

  // A write that moves a pending range on. The last one, at its last address, ends it.
  typedef struct packed {
    logic                valid;
    slot_t               slot;
    logic                part;
    logic [AddrBits-1:0] addr;
  } move_t;

  // Commands before number `seq`, by slot, where `head` is the oldest under way.
  function automatic logic [Slots-1:0] older_slots(seq_t head, seq_t seq);
    for (int unsigned s = 0; s < Slots; s++) begin
      older_slots[s] = {1'b0, slot_t'(s) - head[SlotBits-1:0]} < seq_t'(seq - head);
    end
  endfunction

  function automatic logic holds(range_t range, logic bank, logic [AddrBits-1:0] addr);
    return range.valid && range.bank == bank && addr >= range.first && addr <= range.last;
  endfunction
  // A word of activation memory is still to be written by one of the commands `mask`.
  function automatic logic act_pending(pending_t [Slots-1:0] pending, logic [Slots-1:0] mask,
                                       logic bank, logic [AddrBits-1:0] addr);
    act_pending = 1'b0;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (mask[s] && (holds(
              pending[s].back, bank, addr
          ) || (!pending[s].residual && (holds(
              pending[s].result[0], bank, addr
          ) || holds(
              pending[s].result[1], bank, addr
          )))))
        act_pending = 1'b1;
    end
  endfunction
  // The same of residual memory.
  function automatic logic res_pending(pending_t [Slots-1:0] pending, logic [Slots-1:0] mask,
                                       logic bank, logic [AddrBits-1:0] addr);
    res_pending = 1'b0;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (mask[s] && (holds(
              pending[s].norm[0], bank, addr
          ) || holds(
              pending[s].norm[1], bank, addr
          ) || (pending[s].residual && (holds(
              pending[s].result[0], bank, addr
          ) || holds(
              pending[s].result[1], bank, addr
          )))))
        res_pending = 1'b1;
    end
  endfunction

  // Walk through a region: current word, first word of its block.
  typedef struct packed {
    logic                part;
    logic                bank;
    logic [AddrBits-1:0] block;
    logic [AddrBits-1:0] addr;
  } place_t;
  function automatic place_t region_first(region_t region);
    if (region.split == '0)
      return '{part: 1'b1, bank: !region.bank, block: region.base2, addr: region.base2};
    return '{part: 1'b0, bank: region.bank, block: region.base, addr: region.base};
  endfunction
  // After a row: the next one, or (row_last) row 0 of the next block, which is number `next_block`.
  function automatic place_t region_next(region_t region, place_t from, logic row_last,
                                         logic [15:0] next_block);
    logic [AddrBits-1:0] block;
    region_next = from;
    block = from.block + region.stride;
    if (!row_last) region_next.addr = from.addr + 1'b1;
    else if (next_block == region.split && !from.part)
      region_next = '{part: 1'b1, bank: !region.bank, block: region.base2, addr: region.base2};
    else begin
      region_next.block = block;
      region_next.addr  = block;
    end
  endfunction

  typedef enum logic [1:0] {
    PathBypass = 2'd0,
    PathExp    = 2'd1,
    PathNorm   = 2'd2
  } path_e;

  // What travels with a word from its read through the prologue.
  typedef struct packed {
    path_e       path;
    logic        store;      // to external memory, else to the array
    logic        write;      // LayerNorm's results go back to memory
    slot_t       slot;
    logic [15:0] row;
    logic        kb_first;
    logic        kb_last;
    logic [6:0]  keys;       // lanes that are keys, from lane 0
    logic [5:0]  table_sel;  // of exp
    logic        identity;   // row constants that change nothing
    operand_t    operand;
    logic        chan_end;   // last word of LayerNorm's channel word
    place_t      source;
    place_t      back;
  } word_t;

  // What travels with a result from the accumulators on.
  typedef struct packed {
    slot_t               slot;
    logic                nb_first;    // first and last block of the row
    logic                nb_last;
    logic                chan_end;    // last word of its channel word
    logic                factor;
    clamp_e              clamp;
    logic signed [15:0]  zero_point;
    logic                table_on;
    logic                table_sel;
    logic                residual;
    logic                add;
    logic                row_max;
    logic                stats;
    logic [15:0]         row;
    logic [6:0]          keys;        // lanes that are keys, from lane 0
    place_t              place;
    logic [AddrBits-1:0] row_addr;    // of row_max and stats in their memories
  } result_t;

  // First `count` of m lanes.
  function automatic logic [MaxM-1:0] first_lanes(logic [6:0] count);
    return ~({MaxM{1'b1}} << count);
  endfunction

  localparam int unsigned ReadLatency = 2;  // of the memories: RAM and its output register

  // Prologue, from data of the memories to the activation FIFO: the longest of its paths, and long
  // enough that the reciprocal of a row, which is made beside it of the same last word, is there
  // when the first result of the row wants it: written one cycle after it is made, read before the
  // accumulators, in which a word takes accumulator_latency().
  function automatic int unsigned prologue_latency(int unsigned m, int unsigned chain, bit pairs,
                                                   int unsigned mul_style, int unsigned stage_bits);
    int unsigned longest, recip, word;
    longest = layernorm_latency(mul_style);
    if (exp_latency() > longest) longest = exp_latency();
    recip = exp_recip_latency(m, stage_bits) + 2;
    word = 1 + array_latency(m, chain, pairs, mul_style) - accumulator_lead() +
        accumulator_latency() - ReadLatency;
    if (recip > word && recip - word > longest) longest = recip - word;
    return longest;
  endfunction
endpackage
