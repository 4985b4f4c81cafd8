# SPDX-License-Identifier: Apache-2.0
"""sb_fc_layer under cocotb: weights and batches over AXI4-Stream, results against NumPy.

    python fc_layer_cocotb.py FOLDER     builds and runs all tests, in FOLDER
"""

import random
import sys
from pathlib import Path

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge

M, K, N, ROWS = 4, 10, 7, 8
RAW = 0  # clamp_e: the accumulators as they are
rtl = Path(__file__).resolve().parents[2] / "rtl"
rng = np.random.default_rng(1)


async def drive(dut, port, words, last=None):
    """Sends words; valid comes and goes, and a word stays until it is taken."""
    valid, ready = getattr(dut, f"{port}_tvalid"), getattr(dut, f"{port}_tready")
    for i, word in enumerate(words):
        while random.random() < 0.3:
            await RisingEdge(dut.clk_i)
        valid.value, getattr(dut, f"{port}_tdata").value = 1, int.from_bytes(word, "little")
        if last is not None:
            dut.s_axis_tlast.value = i == last
        while True:
            await ReadOnly()
            taken = ready.value == 1
            await RisingEdge(dut.clk_i)
            if taken:
                break
        valid.value = 0


async def receive(dut, count):
    words = []
    while len(words) < count:
        dut.m_axis_tready.value = random.random() < 0.6
        await ReadOnly()
        if dut.m_axis_tvalid.value == 1 and dut.m_axis_tready.value == 1:
            words.append((dut.m_axis_tdata.value.to_unsigned(), int(dut.m_axis_tlast.value)))
        await RisingEdge(dut.clk_i)
    dut.m_axis_tready.value = 0
    return words


def blocks(matrix):
    """Columns in blocks of M lanes: (block, row) order, filled up with zeros."""
    padded = np.zeros((len(matrix), -(-matrix.shape[1] // M) * M), matrix.dtype)
    padded[:, : matrix.shape[1]] = matrix
    return [row.tobytes() for b in range(0, padded.shape[1], M) for row in padded[:, b : b + M]]


async def start(dut):
    for name in ("s_axis_tvalid", "s_axis_w_tvalid", "m_axis_tready", "rst_ni", "act_unsigned_i"):
        getattr(dut, name).value = 0
    dut.clamp_i.value, dut.zero_point_i.value = RAW, 0
    cocotb.start_soon(Clock(dut.clk_i, 4, "ns").start())
    for _ in range(3):
        await RisingEdge(dut.clk_i)
    dut.rst_ni.value = 1


async def load(dut, w, bias):
    """Blocks of outputs: a word per block of inputs and channel; after them all channel data."""
    blocks_n = -(-N // M)
    padded = np.zeros((blocks_n * M, K), np.int8)
    padded[:N] = w
    words = sum((blocks(padded[n * M : n * M + M]) for n in range(blocks_n)), [])
    channels = np.zeros((blocks_n * M, 2), np.int32)  # bias; multiplier and shift, unused for RAW
    channels[:N, 0] = bias
    data = channels.tobytes()
    words += [data[i : i + M] for i in range(0, len(data), M)]
    await drive(dut, "s_axis_w", words)


async def batch(dut, x):
    """Sends the rows of x, ROWS at most, and returns the results, a row of N for each."""
    dut.rows_i.value = len(x)
    beats = blocks(x)
    cocotb.start_soon(drive(dut, "s_axis", beats, last=len(beats) - 1))
    words = await receive(dut, len(x) * -(-N // M))
    assert [last for _, last in words] == [0] * (len(words) - 1) + [1]
    lanes = np.array([np.frombuffer(w.to_bytes(4 * M, "little"), np.int32) for w, _ in words])
    return np.concatenate(np.split(lanes, -(-N // M)), axis=1)[:, :N]


def matrix(*shape):
    return rng.integers(-128, 128, shape, np.int8)


@cocotb.test()
async def equals_numpy(dut):
    await start(dut)
    for _ in range(2):  # new weights between batches
        w, bias = matrix(N, K), rng.integers(-1000, 1000, N, np.int32)
        await load(dut, w, bias)
        for rows in (1, 5, ROWS):
            x = matrix(rows, K)
            wanted = x.astype(np.int32) @ w.T.astype(np.int32) + bias
            np.testing.assert_array_equal(await batch(dut, x), wanted)
    assert dut.error_o.value == 0


@cocotb.test()
async def recovers_from_a_batch_cut_short(dut):
    await start(dut)
    w = matrix(N, K)
    await load(dut, w, np.zeros(N, np.int32))
    dut.rows_i.value = 4
    cocotb.start_soon(receive(dut, 4 * -(-N // M)))
    await drive(dut, "s_axis", blocks(matrix(4, K))[:3], last=2)  # 3 of 12 beats
    await ClockCycles(dut.clk_i, 100)
    assert dut.error_o.value == 1
    dut.rst_ni.value = 0
    await ClockCycles(dut.clk_i, 2)
    dut.rst_ni.value = 1
    await ClockCycles(dut.clk_i, 1)
    assert dut.error_o.value == 0
    await load(dut, w, np.zeros(N, np.int32))  # a reset asks for the weights again
    x = matrix(2, K)
    np.testing.assert_array_equal(await batch(dut, x), x.astype(np.int32) @ w.T.astype(np.int32))


@cocotb.test(expect_fail=True)
async def notices_a_wrong_weight(dut):
    await start(dut)
    w = matrix(N, K)
    await load(dut, w, np.zeros(N, np.int32))
    w[3, 2] ^= 1
    x = matrix(5, K)
    x[:, 2] |= 1  # not 0, so that the weight counts
    np.testing.assert_array_equal(await batch(dut, x), x.astype(np.int32) @ w.T.astype(np.int32))


if __name__ == "__main__":
    from cocotb_tools.runner import get_results, get_runner

    folder = Path(sys.argv[1]).resolve()
    listed = (rtl / "files.f").read_text().splitlines()
    runner = get_runner("verilator")
    runner.build(
        sources=[rtl.parent / "scripts/lint/verilator.vlt"]
        + [rtl / line for line in listed if line.endswith(".sv")],
        includes=[rtl / "common"],
        hdl_toplevel="sb_fc_layer",
        parameters={"M": M, "K": K, "N": N, "Rows": ROWS, "OutBits": 32},
        build_args=["--assert", "-Wall"],
        build_dir=folder,
    )
    results = runner.test(
        hdl_toplevel="sb_fc_layer", test_module="fc_layer_cocotb", build_dir=folder, seed=1
    )
    tests, failed = get_results(results)
    sys.exit(0 if tests == 3 and failed == 0 else 1)
