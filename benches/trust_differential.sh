#!/usr/bin/env bash
# Random trust policies and requests, decided by rolecall and by @cloud-copilot/iam-simulate (npm, AGPL: run as
# a program of its own, installed below target/, no part of this project). Every difference is explained by a
# named fault, or the run fails.
#
# usage: trust_differential.sh [COUNT [SEED]]      defaults 24000 and 1
#
# ROLECALL_BIN   the program (default: a debug build of this checkout)
# Writes target/trust_differential/report.json: the faults with their counts, and a case of each.
set -euo pipefail
count=${1:-24000} seed=${2:-1}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
here=$root/benches/trust_differential work=$root/target/trust_differential
version=0.1.173
mkdir -p "$work"
package=$work/node_modules/@cloud-copilot/iam-simulate
if [ "$(node -p "require('$package/package.json').version" 2>/dev/null)" != "$version" ]; then
  npm install --prefix "$work" --no-save --no-audit --no-fund --ignore-scripts --loglevel error "@cloud-copilot/iam-simulate@$version"
fi
binary=${ROLECALL_BIN:-}
if [ -z "$binary" ]; then
  (cd "$root" && cargo build --quiet)
  binary=${CARGO_TARGET_DIR:-$root/target}/debug/rolecall
fi
python3 "$here/generate.py" "$count" "$seed" >"$work/cases.jsonl"
exec python3 "$here/compare.py" "$binary" "$package" "$work/cases.jsonl" "$work/report.json"
