// SPDX-License-Identifier: Apache-2.0
#pragma once
class VerilatedCovContext;

namespace sb::tb {

/// Adds the coverage counts of a model to those of this process, instances and copies of a module
/// taken together. When the process ends they go to a file of its own in the folder
/// SB_COVERAGE_DIR, which scripts/coverage.sh reads: a line per point with its kind (Verilator's
/// page), file, line.column, object, lines that it covers, and count, parted by tabs.
void collect_coverage(VerilatedCovContext& counts);

}  // namespace sb::tb
