// SPDX-License-Identifier: Apache-2.0
// Words that the encoder engine and its software share: commands, errors, cycle reasons, registers.
//
// A program is a list of commands of CmdBytes each (cmd_t, lowest byte first), carried out as if
// one after the other: what a command reads is what the commands before it have written.
package sb_engine_pkg;
  import sb_pkg::*;

  localparam int unsigned CmdBytes = 128;
  localparam int unsigned CmdReservedBits = 439;  // at the upper end
  localparam int unsigned StreamAlign = 64;  // bytes: addresses in external memory are multiples
  localparam int unsigned TableEntries = 256;  // 16 bits each in external memory

  typedef enum logic [3:0] {
    CmdEnd    = 4'd0,  // all before it done: status, interrupt; nothing after it is read
    CmdLoad   = 4'd1,  // external memory to residual memory
    CmdStore  = 4'd2,  // residual memory through LayerNorm to external memory
    CmdMatmul = 4'd3,  // matrix product with prologue and epilogue
    CmdTable  = 4'd4   // external memory to a table
  } cmd_kind_e;

  // What happens to a word on its way into the array.
  typedef enum logic [1:0] {
    ProBypass = 2'd0,  // activation memory as it is
    ProExp    = 2'd1,  // scores of activation memory: table[row maximum - score], row sum kept
    ProNorm   = 2'd2   // residual memory through LayerNorm; 8-bit and 16-bit results written back
  } prologue_e;

  typedef enum logic [1:0] {
    WeightStream = 2'd0,  // tiles of the parameter stream
    WeightKeys   = 2'd1,  // word of channel n = row n of a region: Q·K^T
    WeightValues = 2'd2   // word of channel n = lane n of the rows of a region: P·V
  } weight_e;

  typedef enum logic [1:0] {
    DestAct      = 2'd0,  // activation memory
    DestAdd      = 2'd1,  // residual memory, added to what is there
    DestResidual = 2'd2   // residual memory
  } dest_e;

  // Words (block, row) of a matrix in a pair of memory banks: block b < split at
  // {bank, base + b * stride + row}, the others at {!bank, base2 + (b - split) * stride + row}.
  typedef struct packed {
    logic        bank;    // bank of the blocks below split
    logic [15:0] split;   // blocks in that bank; all of them if it is not below their number
    logic [15:0] base;    // word address of block 0
    logic [15:0] base2;   // word address of block split, in the other bank
    logic [15:0] stride;  // words from block to block: at least the rows
  } region_t;

  typedef struct packed {
    logic [CmdReservedBits-1:0] reserved;  // zero
    cmd_kind_e kind;
    logic [15:0] rows;  // 1 .. Rows (load and store: 1 .. StatRows)
    logic [15:0] k_blocks;  // blocks of the source (store: of the result)
    logic [15:0] n_blocks;  // blocks of the result (matmul, load)
    prologue_e prologue;  // matmul; store: ProNorm
    logic act_unsigned;  // 8-bit lanes of the source are unsigned (ActBits = 8)
    region_t source;  // activation banks; ProNorm: residual banks
    logic back_bank;  // ProNorm of a matmul: activation bank of the 8-bit result
    logic [15:0] back_base;  // its word address: block b at back_base + b * back_stride
    logic [15:0] back_stride;
    logic norm_identity;  // row constants {0, 65536, 16}, not those of norm_in
    operand_t operand;  // ProNorm: how the array operand is made
    logic [15:0] norm_in;  // ProNorm: row 0 in the memory of row constants
    logic [5:0] exp_table;  // ProExp, table load
    logic [15:0] max_in;  // ProExp: row 0 in the memory of row maxima
    logic [15:0] keys;  // valid columns of scores: row_max, ProExp, rows of K and V
    weight_e weight;  // where the tiles come from
    logic weight_bank;  // activation bank of K, V
    logic [15:0] weight_base;  // word address of key 0, block 0 of the head
    logic [15:0] weight_stride;  // words from block to block
    logic chan_shared;  // one multiplier for all channels, bias 0: no channel words
    logic [1:0] shift_sel;  // of chan_shared
    logic [25:0] mult;  // of chan_shared
    clamp_e clamp;
    logic signed [15:0] zero_point;
    logic row_factor;  // multiply by the reciprocal of the row sum (ProExp)
    logic table_on;  // look the result up (8-bit codes)
    logic table_sel;  // table; table load: 1 loads this one, see exp_load
    logic exp_load;  // table load: into exp_table, not table_sel
    dest_e dest;
    region_t result;  // activation or residual banks; load: residual banks
    logic row_max;  // keep the maximum of each row's first keys columns
    logic [15:0] max_out;  // row 0 in the memory of row maxima
    logic norm_stats;  // make LayerNorm's row constants of the sums (DestAdd, DestResidual)
    logic [15:0] norm_out;  // row 0 in the memory of row constants
    norm_job_t norm;  // of norm_stats
    logic [39:0] stream_addr;  // byte address of parameters, table or data to load
    logic [39:0] store_addr;  // byte address of what is stored
  } cmd_t;
  localparam int unsigned CmdBits = $bits(cmd_t);  // 8 * CmdBytes

  // Why a run stopped. The command index beside it is that of the command at fault; of a bus error
  // or a time limit, that of the oldest command not finished.
  typedef enum logic [7:0] {
    ErrNone      = 8'd0,
    ErrKind      = 8'd1,   // unknown kind of command
    ErrReserved  = 8'd2,   // reserved bits, or values of an enum that does not exist
    ErrRows      = 8'd3,   // rows 0 or too many
    ErrBlocks    = 8'd4,   // blocks 0, or streams longer than 2^32 words
    ErrSource    = 8'd5,   // source outside its memory, or rows over its stride
    ErrResult    = 8'd6,   // the same of the result
    ErrWeight    = 8'd7,   // the same of K or V
    ErrBack      = 8'd8,   // the same of the 8-bit results of LayerNorm
    ErrRowMemory = 8'd9,   // row constants or row maxima outside their memories
    ErrTable     = 8'd10,  // no such table
    ErrOption    = 8'd11,  // options that exclude each other, numbers out of their range
    ErrOverlap   = 8'd12,  // the result lies over what the same command still reads
    ErrAlign     = 8'd13,  // external address that is no multiple of StreamAlign
    ErrProgram   = 8'd14,  // the list of commands ended without CmdEnd, or was empty
    ErrReadBus   = 8'd32,  // error response to a read
    ErrWriteBus  = 8'd33,  // error response to a write
    ErrTimeout   = 8'd34,  // the bus did not answer within the time limit
    ErrStopped   = 8'd35   // stopped by software
  } error_e;

  // What became of a cycle of a run: the array was fed, or why not.
  typedef enum logic [3:0] {
    WhyBusy    = 4'd0,   // a word entered the array
    WhyIdle    = 4'd1,   // no matrix product under way
    WhyFill    = 4'd2,   // the words of an operation were on their way through the prologue
    WhyStream  = 4'd3,   // weights had not come from external memory
    WhyLoad    = 4'd4,   // a tile was being loaded: fewer rows than that takes
    WhyKeys    = 4'd5,   // K or V were not there
    WhyConst   = 4'd6,   // LayerNorm's row constants were not there
    WhyMax     = 4'd7,   // the row maximum was not there
    WhyData    = 4'd8,   // the source was not there
    WhyPort    = 4'd9,   // a memory port was taken
    WhyParam   = 4'd10,  // LayerNorm's parameters had not come
    WhyChan    = 4'd11,  // channel parameters had not come
    WhyContext = 4'd12,  // too many operations under way
    WhyTable   = 4'd13   // a table had not come
  } why_e;
  localparam int unsigned WhyCount = 14;
endpackage
