# SPDX-License-Identifier: Apache-2.0
"""slang as a command: compiles and checks what its arguments name. Exit status 0 without errors."""

import shlex
import sys

import pyslang

driver = pyslang.driver.Driver()
driver.addStandardArgs()
good = (
    driver.parseCommandLine(shlex.join(["slang", *sys.argv[1:]]))
    and driver.processOptions()
    and driver.parseAllSources()
    and driver.runFullCompilation(True)
)
sys.exit(0 if good else 1)
