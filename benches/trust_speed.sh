#!/usr/bin/env bash
# Decisions a second by a policy that is parsed once, a simple and a rich one: rolecall and the core engine of
# @cloud-copilot/iam-simulate side by side, in one run. (npm, AGPL: run as a program of its own.)
#
# usage: trust_speed.sh
# The rival's best of three is taken, by CPU time; of rolecall Criterion's median, by the clock: what else runs on
# the machine counts against rolecall alone. Exit 1: fewer than 50 times the rival's decisions.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$root/target/trust_differential package=$root/target/trust_differential/node_modules/@cloud-copilot/iam-simulate
version=0.1.173
mkdir -p "$work"
if [ "$(node -p "require('$package/package.json').version" 2>/dev/null)" != "$version" ]; then
  npm install --prefix "$work" --no-save --no-audit --no-fund --ignore-scripts --loglevel error "@cloud-copilot/iam-simulate@$version"
fi
rival=$(node "$root/benches/trust_speed/rival.mjs" "$package" "$root/benches/trust_speed/cases.jsonl")
(cd "$root" && cargo bench --quiet --bench trust -- --noplot allow)
exec python3 - "${CARGO_TARGET_DIR:-$root/target}/criterion/trust" "$rival" <<'PY'
import json, sys
folder, rival, slower = sys.argv[1], json.loads(sys.argv[2]), False
for name, theirs in rival.items():
    with open(f"{folder}/{name}-allow/new/estimates.json", encoding="utf-8") as file:
        ours = 1e9 / json.load(file)["median"]["point_estimate"]
    slower |= ours < 50 * theirs
    print(f"{name:8} rolecall {ours:>12,.0f}/s   iam-simulate {theirs:>9,.0f}/s   {ours / theirs:,.0f} times")
sys.exit(slower)
PY
