// SPDX-License-Identifier: Apache-2.0
// Packed structs taken apart into their members and put together again, for comparison with the C++
// side. Members stand in slots of 64 bits in the order of declaration, the first in slot 0, with
// their sign; reserved ones have none. Combinational.
module sb_words_top
  import sb_pkg::*;
  import sb_words_test_pkg::*;
(
    input  logic [     JobBits-1:0]       job_word_i,
    output logic [             5:0][63:0] job_o,
    input  logic [             5:0][63:0] job_i,
    output logic [     JobBits-1:0]       job_word_o,
    input  logic [    ChanBits-1:0]       chan_word_i,
    output logic [             2:0][63:0] chan_o,
    input  logic [             2:0][63:0] chan_i,
    output logic [    ChanBits-1:0]       chan_word_o,
    input  logic [NormChanBits-1:0]       norm_chan_word_i,
    output logic [             2:0][63:0] norm_chan_o,
    input  logic [             2:0][63:0] norm_chan_i,
    output logic [NormChanBits-1:0]       norm_chan_word_o,
    input  logic [ NormRowBits-1:0]       norm_row_word_i,
    output logic [             2:0][63:0] norm_row_o,
    input  logic [             2:0][63:0] norm_row_i,
    output logic [ NormRowBits-1:0]       norm_row_word_o,
    input  logic [ NormJobBits-1:0]       norm_job_word_i,
    output logic [             4:0][63:0] norm_job_o,
    input  logic [             4:0][63:0] norm_job_i,
    output logic [ NormJobBits-1:0]       norm_job_word_o,
    input  logic [             2:0]       operand_word_i,
    output logic [             1:0][63:0] operand_o,
    input  logic [             1:0][63:0] operand_i,
    output logic [             2:0]       operand_word_o,
    input  logic [ CommandBits-1:0]       command_word_i,
    output logic [            11:0][63:0] command_o,
    input  logic [            11:0][63:0] command_i,
    output logic [ CommandBits-1:0]       command_word_o,
    output logic [             3:0][63:0] constants_o
);
  assign constants_o = {64'(Wide), 64'(Negative), Magic, 64'(Derived)};

  job_t job, job_back;
  assign job = job_word_i;
  assign job_o = {
    64'(job.n_blocks),
    64'(job.k_blocks),
    64'(job.rows),
    64'(job.zero_point),
    64'(job.clamp),
    64'(job.act_unsigned)
  };
  always_comb begin
    job_back.act_unsigned = job_i[0][0];
    job_back.clamp        = clamp_e'(job_i[1][2:0]);
    job_back.zero_point   = job_i[2][15:0];
    job_back.rows         = job_i[3][15:0];
    job_back.k_blocks     = job_i[4][15:0];
    job_back.n_blocks     = job_i[5][15:0];
  end
  assign job_word_o = job_back;

  chan_t chan, chan_back;
  assign chan   = chan_word_i;
  assign chan_o = {64'(chan.bias), 64'(chan.mult), 64'(chan.shift_sel)};
  always_comb begin
    chan_back.reserved  = '0;
    chan_back.shift_sel = chan_i[0][1:0];
    chan_back.mult      = chan_i[1][MultBits-1:0];
    chan_back.bias      = chan_i[2][AccBits-1:0];
  end
  assign chan_word_o = chan_back;

  norm_chan_t norm_chan, norm_chan_back;
  assign norm_chan   = norm_chan_word_i;
  assign norm_chan_o = {64'(norm_chan.gain), 64'(norm_chan.bias), 64'(norm_chan.k)};
  always_comb begin
    norm_chan_back.reserved = '0;
    norm_chan_back.k        = norm_chan_i[0][15:0];
    norm_chan_back.bias     = norm_chan_i[1][25:0];
    norm_chan_back.gain     = norm_chan_i[2][17:0];
  end
  assign norm_chan_word_o = norm_chan_back;

  norm_row_t norm_row, norm_row_back;
  assign norm_row   = norm_row_word_i;
  assign norm_row_o = {64'(norm_row.q), 64'(norm_row.m), 64'(norm_row.mean8)};
  always_comb begin
    norm_row_back.mean8 = norm_row_i[0][24:0];
    norm_row_back.m     = norm_row_i[1][16:0];
    norm_row_back.q     = norm_row_i[2][6:0];
  end
  assign norm_row_word_o = norm_row_back;

  norm_job_t norm_job, norm_job_back;
  assign norm_job = norm_job_word_i;
  assign norm_job_o = {
    64'(norm_job.row_shift),
    64'(norm_job.e),
    64'(norm_job.mean_shift),
    64'(norm_job.mean_mult),
    64'(norm_job.columns)
  };
  always_comb begin
    norm_job_back.columns    = norm_job_i[0][12:0];
    norm_job_back.mean_mult  = norm_job_i[1][25:0];
    norm_job_back.mean_shift = norm_job_i[2][5:0];
    norm_job_back.e          = norm_job_i[3][55:0];
    norm_job_back.row_shift  = norm_job_i[4][4:0];
  end
  assign norm_job_word_o = norm_job_back;

  operand_t operand, operand_back;
  assign operand   = operand_word_i;
  assign operand_o = {64'(operand.shift_sel), 64'(operand.nine)};
  always_comb begin
    operand_back.nine      = operand_i[0][0];
    operand_back.shift_sel = operand_i[1][1:0];
  end
  assign operand_word_o = operand_back;

  command_t command, command_back;
  assign command = command_word_i;
  assign command_o = {
    64'(command.number),
    64'(command.sign),
    64'(command.odd),
    64'(command.second.op),
    64'(command.second.bank),
    command.long_unsigned,
    64'(command.clamp),
    64'(command.address),
    64'(command.flag),
    64'(command.first.op),
    64'(command.first.bank),
    64'(command.long_signed)
  };
  always_comb begin
    command_back.reserved      = '0;
    command_back.long_signed   = command_i[0];
    command_back.first.bank    = command_i[1][1:0];
    command_back.first.op      = op_e'(command_i[2][3:0]);
    command_back.flag          = command_i[3][0];
    command_back.address       = command_i[4][11:0];
    command_back.clamp         = clamp_e'(command_i[5][2:0]);
    command_back.long_unsigned = command_i[6];
    command_back.reserved_low  = '0;
    command_back.second.bank   = command_i[7][1:0];
    command_back.second.op     = op_e'(command_i[8][3:0]);
    command_back.odd           = command_i[9][46:0];
    command_back.sign          = command_i[10][0];
    command_back.number        = command_i[11][31:0];
  end
  assign command_word_o = command_back;

  wire unused_reserved =
      ^{chan.reserved, norm_chan.reserved, command.reserved, command.reserved_low};
endmodule
