// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "tb/host/engine_program.h"
#include "tests/engine/command_interpreter.h"

namespace sb::test {

/// Copies bytes into external memory, which grows as needed.
inline void place(std::vector<uint8_t>& external, uint64_t address,
                  std::span<const uint8_t> bytes) {
  if (external.size() < address + bytes.size()) external.resize(address + bytes.size(), 0xA5);
  std::copy(bytes.begin(), bytes.end(), external.begin() + static_cast<ptrdiff_t>(address));
}
inline void place(std::vector<uint8_t>& external, const tb::EngineImage& image) {
  place(external, image.base(), image.bytes());
}

/// Carries a compiled program out; the parameters are in external memory already. Results by
/// sequence.
inline std::vector<golden::MatrixI16> run_program(CommandInterpreter& interpreter,
                                                  const tb::EngineProgram& program,
                                                  std::span<const golden::MatrixI16> inputs) {
  place(interpreter.external, program.memory);
  const int passes = static_cast<int>(program.passes.size());
  for (int p = 0; p < passes; ++p)
    place(interpreter.external, program.passes[static_cast<size_t>(p)].input,
          program.pack_input(p, inputs));
  const auto count = static_cast<uint32_t>(program.commands.size());
  EXPECT_EQ(interpreter.run_at(program.command_address(), count),
            (Stop{sb_engine_pkg::ErrNone, count - 1}));
  std::vector<golden::MatrixI16> results;
  for (int p = 0; p < passes; ++p)
    program.unpack_output(
        p,
        std::span<const uint8_t>(interpreter.external)
            .subspan(program.passes[static_cast<size_t>(p)].output, program.output_bytes(p)),
        results);
  return results;
}

}  // namespace sb::test
