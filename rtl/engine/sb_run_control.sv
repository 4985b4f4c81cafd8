// SPDX-License-Identifier: Apache-2.0
// Starts and ends runs of the encoder engine.
//
//   Idle --start--> Wait --bus idle--> Run --end, error, stop--> Stop --bus idle--> Idle
//
// In Wait a start waits for answers that the bus still owes to a run before it. In Stop the engine
// is cleared while bursts under way are answered; if one is not within the time limit, the run ends
// all the same and the bus stays in debt. reset_i leads from anywhere to Idle.
//
// Contract: run_o (in Run) releases the core and the bus masters, fetch_start_o marks its first
// cycle. The first cause ends a run; of several at once the core's comes first, then the lowest
// code. done_o or error_o with code and index come with the fall of running_o, and stay until the
// next start. The time limit counts cycles without a handshake while the bus owes one.
module sb_run_control
  import sb_engine_pkg::*;
(
    input  logic        clk_i,
    input  logic        rst_ni,              // synchronous, active low
    input  logic        start_i,             // only while running_o is low
    input  logic        stop_i,
    input  logic        reset_i,
    input  logic [63:0] program_i,
    input  logic [31:0] count_i,
    input  logic [31:0] limit_i,             // 0: none
    input  logic        bus_idle_i,
    input  logic        bus_progress_i,
    input  logic        read_error_i,
    input  logic        write_error_i,
    input  logic        list_empty_i,
    input  logic        core_idle_i,
    input  logic        core_end_i,
    input  logic        core_error_valid_i,
    input  logic [ 7:0] core_error_code_i,
    input  logic [31:0] core_error_index_i,
    input  logic [31:0] oldest_i,
    output logic        run_o,
    output logic        fetch_start_o,
    output logic        running_o,
    output logic        done_o,
    output logic        error_o,
    output logic [ 7:0] code_o,              // error_e
    output logic [31:0] index_o
);
  typedef enum logic [1:0] {
    Idle,
    Wait,
    Run,
    Stop
  } state_e;
  state_e state_q;
  logic late_q, success_q;
  logic [31:0] quiet_q;  // cycles without progress
  logic [7:0] code_q;
  logic [31:0] index_q;

  // Why a run ends.
  logic failed;
  error_e code;
  always_comb begin
    failed = 1'b1;
    code   = ErrNone;
    if (state_q == Wait && bus_idle_i && program_i % 64'(StreamAlign) != '0) code = ErrAlign;
    else if (state_q == Wait && bus_idle_i && count_i == '0) code = ErrProgram;
    else if (state_q == Run && list_empty_i && core_idle_i) code = ErrProgram;
    else if (state_q == Wait && bus_idle_i && program_i[63:40] != '0) code = ErrReadBus;
    else if (read_error_i) code = ErrReadBus;
    else if (write_error_i) code = ErrWriteBus;
    else if (late_q) code = ErrTimeout;
    else if (stop_i) code = ErrStopped;
    else failed = 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || reset_i) begin
      state_q <= Idle;
      fetch_start_o <= 1'b0;
      done_o <= 1'b0;
      error_o <= 1'b0;
      code_o <= ErrNone;
      index_o <= '0;
      quiet_q <= '0;
      late_q <= 1'b0;
    end else begin
      fetch_start_o <= 1'b0;
      quiet_q <= state_q == Idle || bus_idle_i || bus_progress_i || late_q ? '0 : quiet_q + 1'b1;
      late_q <= state_q != Idle && limit_i != '0 && quiet_q >= limit_i && !late_q;
      unique case (state_q)
        Idle:
        if (start_i) begin
          state_q <= Wait;
          done_o  <= 1'b0;
          error_o <= 1'b0;
          code_o  <= ErrNone;
          index_o <= '0;
        end
        Wait:
        if (failed) state_q <= Stop;
        else if (bus_idle_i) begin
          state_q <= Run;
          fetch_start_o <= 1'b1;
        end
        Run: if (core_end_i || core_error_valid_i || failed) state_q <= Stop;
        default:
        if (bus_idle_i || late_q) begin
          state_q <= Idle;
          done_o  <= success_q;
          error_o <= !success_q;
          code_o  <= code_q;
          index_o <= index_q;
        end
      endcase
    end
    if (state_q == Wait || state_q == Run) begin
      success_q <= core_end_i;
      if (core_end_i) {code_q, index_q} <= '0;
      else if (core_error_valid_i) {code_q, index_q} <= {core_error_code_i, core_error_index_i};
      else {code_q, index_q} <= {code, state_q == Wait ? 32'd0 : oldest_i};
    end
  end
  assign run_o = state_q == Run;
  assign running_o = state_q != Idle;
endmodule
