# SPDX-License-Identifier: Apache-2.0
"""sb_fc_layer between the AXI4-Stream source and sink of cocotbext-axi, results against NumPy.

    python fc_layer_axis.py FOLDER     builds and runs all tests, in FOLDER
"""

import random
import sys
from pathlib import Path

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge, SimTimeoutError, with_timeout
from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource
from fc_layer_cocotb import K, M, N, ROWS, blocks, matrix, rng, rtl, start

LIMIT = (200_000, "ns")


def pauses(share):
    """Cycles in which a side pauses; share 0: none."""
    while True:
        yield random.random() < share


def bursts(longest):
    while True:
        for paused in (False, True):
            yield from [paused] * random.randint(1, longest)


class Bench:
    def __init__(self, dut):
        self.dut = dut

        def end(kind, prefix):
            bus = AxiStreamBus.from_prefix(dut, prefix)
            return kind(bus, dut.clk_i, dut.rst_ni, reset_active_level=False)

        self.source = end(AxiStreamSource, "s_axis")
        self.load_source = end(AxiStreamSource, "s_axis_w")
        self.sink = end(AxiStreamSink, "m_axis")

    def pause(self, source, load, sink):
        self.source.set_pause_generator(source)
        self.load_source.set_pause_generator(load)
        self.sink.set_pause_generator(sink)

    async def load(self, w, bias):
        """All of the weights and channel data as one frame: s_axis_w has no tlast."""
        blocks_n = -(-N // M)
        padded = np.zeros((blocks_n * M, K), np.int8)
        padded[:N] = w
        words = sum((blocks(padded[n * M : n * M + M]) for n in range(blocks_n)), [])
        channels = np.zeros((blocks_n * M, 2), np.int32)
        channels[:N, 0] = bias
        await self.load_source.send(AxiStreamFrame(b"".join(words) + channels.tobytes()))

    async def send(self, x):
        await self.source.send(AxiStreamFrame(b"".join(blocks(x))))

    async def results(self, rows):
        """The results of a batch, a row of N for each: the sink drops bytes whose tkeep is low."""
        frame = await with_timeout(self.sink.recv(), *LIMIT)
        data, columns = np.frombuffer(bytes(frame.tdata), np.int32), []
        for n in range(0, N, M):
            width = min(M, N - n)
            columns.append(data[: rows * width].reshape(rows, width))
            data = data[rows * width :]
        assert data.size == 0
        return np.concatenate(columns, axis=1)


def product(x, w, bias):
    return x.astype(np.int32) @ w.T.astype(np.int32) + bias


async def bench_of(dut):
    await start(dut)
    bench = Bench(dut)
    await RisingEdge(dut.clk_i)
    return bench


@cocotb.test()
async def equals_numpy_however_both_sides_pause(dut):
    bench = await bench_of(dut)
    for source, load, sink in (
        (pauses(0), pauses(0), pauses(0)),
        (pauses(0.6), pauses(0.3), pauses(0)),
        (pauses(0), pauses(0), pauses(0.7)),
        (bursts(12), bursts(5), bursts(9)),
        (bursts(60), pauses(0), pauses(0)),
    ):
        bench.pause(source, load, sink)
        w, bias = matrix(N, K), rng.integers(-1000, 1000, N, np.int32)
        await bench.load(w, bias)
        for rows in (2, 1, ROWS, 3):
            batches = [matrix(rows, K) for _ in range(6)]
            await bench.load_source.wait()
            dut.rows_i.value = rows
            for x in batches:  # all at once: back to back where nothing pauses
                await bench.send(x)
            for x in batches:
                np.testing.assert_array_equal(await bench.results(rows), product(x, w, bias))
    await ClockCycles(dut.clk_i, 50)
    assert bench.sink.empty() and dut.error_o.value == 0


@cocotb.test()
async def takes_new_weights_only_between_batches(dut):
    bench = await bench_of(dut)
    old, new, zero = matrix(N, K), matrix(N, K), np.zeros(N, np.int32)
    await bench.load(old, zero)
    await bench.load_source.wait()
    dut.rows_i.value = ROWS
    x = [matrix(ROWS, K) for _ in range(3)]
    bench.sink.pause = True  # results wait inside while the new weights knock
    for rows in x[:2]:
        await bench.send(rows)
    await ClockCycles(dut.clk_i, 20)
    await bench.load(new, zero)
    await ClockCycles(dut.clk_i, 400)
    bench.sink.pause = False
    for rows in x[:2]:
        np.testing.assert_array_equal(await bench.results(ROWS), product(rows, old, zero))
    await with_timeout(bench.load_source.wait(), *LIMIT)
    await bench.send(x[2])
    np.testing.assert_array_equal(await bench.results(ROWS), product(x[2], new, zero))


@cocotb.test()
async def recovers_from_a_reset_in_the_middle_of_a_frame(dut):
    bench = await bench_of(dut)
    w, zero = matrix(N, K), np.zeros(N, np.int32)
    for cycles in (1, 7, 40):
        await bench.load(w, zero)
        await bench.load_source.wait()
        dut.rows_i.value = 4
        await bench.send(matrix(4, K))
        await ClockCycles(dut.clk_i, cycles)
        dut.rst_ni.value = 0
        await ClockCycles(dut.clk_i, 2)
        dut.rst_ni.value = 1
        bench.source.clear()
        bench.sink.clear()
        await ClockCycles(dut.clk_i, 2)
        await bench.load(w, zero)
        await bench.load_source.wait()
        dut.rows_i.value = 3
        x = matrix(3, K)
        await bench.send(x)
        np.testing.assert_array_equal(await bench.results(3), product(x, w, zero))
        assert dut.error_o.value == 0 and bench.sink.empty()


@cocotb.test(expect_fail=True)
async def notices_a_wrong_weight(dut):
    bench = await bench_of(dut)
    w, zero = matrix(N, K), np.zeros(N, np.int32)
    await bench.load(w, zero)
    await bench.load_source.wait()
    w[3, 2] ^= 1
    x = matrix(5, K)
    x[:, 2] |= 1  # not 0, so that the weight counts
    dut.rows_i.value = 5
    await bench.send(x)
    np.testing.assert_array_equal(await bench.results(5), product(x, w, zero))


@cocotb.test(expect_error=SimTimeoutError)
async def a_source_told_the_wrong_level_of_reset_stays_silent(dut):
    """cocotbext-axi takes a reset for active high unless it is told: then valid never rises."""
    await start(dut)
    bus = AxiStreamBus.from_prefix(dut, "s_axis_w")
    source = AxiStreamSource(bus, dut.clk_i, dut.rst_ni)
    await source.send(AxiStreamFrame(bytes(M)))
    await with_timeout(RisingEdge(dut.s_axis_w_tvalid), 2000, "ns")


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
        hdl_toplevel="sb_fc_layer", test_module="fc_layer_axis", build_dir=folder, seed=1
    )
    tests, failed = get_results(results)
    sys.exit(0 if tests == 5 and failed == 0 else 1)
