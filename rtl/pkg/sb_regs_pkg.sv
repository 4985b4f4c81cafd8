// SPDX-License-Identifier: Apache-2.0
// Registers of sb_encoder: 32 bits each, byte addresses.
//
// An access succeeds (OKAY) or fails (SLVERR): reads of other addresses, writes to other addresses
// or to registers that are only read, writes with partial strobes, and while a run is under way
// writes to what it was started with fail. A write that fails changes nothing, a read gives 0.
package sb_regs_pkg;
  localparam int unsigned RegAddrBits = 12;
  localparam int unsigned Identity = 32'h53424531;  // "SBE1"
  localparam int unsigned Version = 32'h000100;  // version_t

  // Byte addresses. W: written and read; the others are only read. Counters have 64 bits: reading
  // the low word keeps the high word of that moment, which the next address then gives.
  typedef enum logic [RegAddrBits-1:0] {
    RegIdentity       = 12'h000,  // Identity
    RegVersion        = 12'h004,  // version_t
    RegControl        = 12'h008,  // W, control_t; reads as 0
    RegStatus         = 12'h00c,  // status_t
    RegProgramLow     = 12'h010,  // W, byte address of the program, a multiple of StreamAlign
    RegProgramHigh    = 12'h014,  // W, its upper 32 bits
    RegProgramCount   = 12'h018,  // W, commands in the list: none beyond them is read
    RegTimeLimit      = 12'h01c,  // W, cycles without an answer of the bus that end a run; 0: none
    RegIrqEnable      = 12'h020,  // W, irq_t
    RegIrqStatus      = 12'h024,  // W, irq_t; a 1 that is written clears the bit
    RegErrorCode      = 12'h028,  // error_e of the last run
    RegErrorIndex     = 12'h02c,  // number of the command that it belongs to
    RegOldest         = 12'h030,  // number of the oldest command not finished
    RegM              = 12'h040,  // parameter M
    RegRows           = 12'h044,  // parameter Rows
    RegStatRows       = 12'h048,  // parameter StatRows
    RegActBits        = 12'h04c,  // parameter ActBits
    RegActDepth0      = 12'h050,  // parameter ActDepth0
    RegActDepth1      = 12'h054,  // parameter ActDepth1
    RegResDepth0      = 12'h058,  // parameter ResDepth0
    RegResDepth1      = 12'h05c,  // parameter ResDepth1
    RegExpTables      = 12'h060,  // parameter ExpTables
    RegMulStyle       = 12'h064,  // parameter MulStyle
    RegChainLength    = 12'h068,  // parameter ChainLength
    RegPacked         = 12'h06c,  // parameter Packed
    RegAxiAddrBits    = 12'h070,  // parameter AxiAddrBits
    RegAxiDataBits    = 12'h074,  // parameter AxiDataBits
    RegAxiIdBits      = 12'h078,  // parameter AxiIdBits
    RegMaxBurst       = 12'h07c,  // parameter MaxBurst
    RegPrefetchTiles  = 12'h080,  // parameter PrefetchTiles
    RegCyclesLow      = 12'h100,  // cycles of the run: the sum of all reasons
    RegCyclesHigh     = 12'h104,
    RegParamBeatsLow  = 12'h108,  // data beats read of parameters: weights, channels, LayerNorm
    RegParamBeatsHigh = 12'h10c,
    RegReadBeatsLow   = 12'h110,  // data beats read of everything
    RegReadBeatsHigh  = 12'h114,
    RegWriteBeatsLow  = 12'h118,  // data beats written
    RegWriteBeatsHigh = 12'h11c,
    RegWhyLow         = 12'h180,  // cycles of reason r (why_e) at this address + 8 * r
    RegWhyHigh        = 12'h184
  } reg_e;

  typedef struct packed {
    logic [7:0] reserved;
    logic [7:0] major;     // another one: software for the old one does not work
    logic [7:0] minor;
    logic [7:0] patch;
  } version_t;

  // Each bit written as 1 acts once. reset wins over stop, stop over start.
  typedef struct packed {
    logic [28:0] reserved;
    logic        reset;     // ends a run at once; all registers as after a reset of the pins
    logic        stop;      // ends a run with ErrStopped
    logic        start;     // starts a run; counters, done and error of the last one are cleared
  } control_t;

  typedef struct packed {
    logic [27:0] reserved;
    logic draining;  // the bus still owes answers to a run that has ended: a start waits for them
    logic error;  // the last run ended with an error
    logic done;  // the last run reached its CmdEnd, all that it stored is in memory
    logic running;  // from the start until done or error
  } status_t;

  // Interrupts: the pin is high while a bit is set in status and enable.
  typedef struct packed {
    logic [29:0] reserved;
    logic        error;     // a run has ended with an error
    logic        done;      // a run has reached its CmdEnd
  } irq_t;
endpackage
