// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "tb/devices/encoder_run.h"
#include "tb/host/engine_compiler.h"
#include "tests/engine/random_encoder.h"

namespace sb::test {

/// A model, compiled for an engine from an address on, and a batch of random rows.
struct EncoderJob {
  EncoderJob(golden::IntBert model, const tb::EngineParameters& engine, std::vector<int> lengths,
             uint64_t seed, uint64_t base = 0);

  golden::IntBert model;
  tb::EngineEncoder compiler;
  tb::EngineProgram program;
  std::vector<golden::MatrixI16> inputs;
  std::vector<tb::Tensors> expected;
};

/// Random model, lengths and lane bits that fit the engine.
EncoderJob random_job(const tb::EngineParameters& engine, uint64_t seed, uint64_t base = 0);

/// Latency, jitter, bandwidth, pauses and order of answers.
tb::BusOptions random_bus(int data_bytes, uint64_t seed);

/// Runs a job, every tensor compared. `wrong`: what is not as it must be, empty if nothing.
struct ComparedRun {
  tb::EncoderRun run;
  std::string wrong;
};
ComparedRun run_compared(tb::EncoderRig& rig, const EncoderJob& job);

/// The encoder of that name; InputError if it is not linked in.
tb::EncoderKind encoder_named(const std::string& name);

}  // namespace sb::test
