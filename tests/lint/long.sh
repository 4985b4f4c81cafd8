#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A line of a hundred and one columns, one more than there may be: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
