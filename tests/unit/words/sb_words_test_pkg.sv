// SPDX-License-Identifier: Apache-2.0
// What scripts/words understands, in one package.
package sb_words_test_pkg;
  import sb_pkg::*;

  localparam int unsigned Derived = $clog2(JobBits) + 3;
  localparam logic [63:0] Magic = 64'hfedc_ba98_7654_3210;
  localparam int Negative = -5;
  localparam longint unsigned Wide = longint'(1) << 40;

  typedef logic [11:0] address_t;

  typedef enum logic [3:0] {
    OpNone,
    OpLoad  = 4'd9,
    OpStore
  } op_e;

  typedef struct packed {
    logic [1:0] bank;
    op_e        op;    // with gaps between its codes
  } inner_t;

  // Nested, with enums of two packages, wider than a host word, fields at odd places.
  typedef struct packed {
    logic [98:0]        reserved;       // zero
    logic signed [63:0] long_signed;
    inner_t             first;
    logic               flag;
    address_t           address;
    clamp_e             clamp;
    logic [63:0]        long_unsigned;
    logic [4:0]         reserved_low;
    inner_t             second;
    logic signed [46:0] odd;
    logic signed        sign;
    int                 number;
  } command_t;
  localparam int unsigned CommandBits = $bits(command_t);
endpackage
