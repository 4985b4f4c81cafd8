#!/usr/bin/env bash
echo "no licence is named"
