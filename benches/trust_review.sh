#!/usr/bin/env bash
# `rolecall trust review` of 2,000 accounts with 20 roles each, beside parsing that JSON with serde_json into
# values, in one run. Exit 1: the review takes more than three times as long.
#
# usage: trust_review.sh [ACCOUNTS [ROLES]]
# ROLECALL_BIN   the program (default: a release build of this checkout)
# The review is a whole process, the least of seven, with one thread and with two; parsing is Criterion's median
# in a warm process with one thread.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dump=$root/target/trust_review
rm -rf "$dump"
python3 "$root/benches/trust_review/generate.py" "$dump" "${1:-2000}" "${2:-20}"
binary=${ROLECALL_BIN:-}
if [ -z "$binary" ]; then
  (cd "$root" && cargo build --release --quiet)
  binary=${CARGO_TARGET_DIR:-$root/target}/release/rolecall
fi
(cd "$root" && ROLECALL_DUMP=$dump cargo bench --quiet --bench trust -- --noplot trust-dump)
exec python3 - "$binary" "$dump" "${CARGO_TARGET_DIR:-$root/target}/criterion/trust-dump/serde_json-value/new/estimates.json" <<'PY'
import json, os, subprocess, sys, time
binary, dump, estimates = sys.argv[1:]
with open(estimates, encoding="utf-8") as file:
    parse = json.load(file)["median"]["point_estimate"] / 1e9
size = sum(entry.stat().st_size for entry in os.scandir(dump))
print(f"{size:,} bytes; serde_json into values: {parse:.3f} s")
slower = False
for threads in (1, 2):
    for arguments in ([], ["--all"], ["--format", "json"], ["--format", "markdown"]):
        times = []
        for _ in range(7):
            begun = time.perf_counter()
            subprocess.run([binary, "trust", "review", "--source", dump, "--threads", str(threads), *arguments], stdout=subprocess.DEVNULL, check=True)
            times.append(time.perf_counter() - begun)
        best = min(times)
        slower |= best > 3 * parse
        print(f"{threads} thread{'s' if threads > 1 else ' '} {' '.join(arguments) or '(text)':18} {best:.3f} s  {best / parse:.2f} times")
sys.exit(slower)
PY
