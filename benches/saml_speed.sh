#!/usr/bin/env bash
# Parse and verify one response as Okta makes it, both Response and Assertion signed: rolecall and libxmlsec1 (through
# tests/outside/xmlsec.c: no process a message, no KeyInfo) side by side, in one run.
#
# usage: saml_speed.sh
# libxmlsec1's best of three is taken, by CPU time; of rolecall Criterion's median, by the clock: what else runs on the
# machine counts against rolecall alone. Exit 1: fewer than 2 times as many messages a second.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=${CARGO_TARGET_DIR:-$root/target}/saml_speed
mkdir -p "$work"
# shellcheck disable=SC2046
cc -O2 -o "$work/xmlsec" "$root/tests/outside/xmlsec.c" $(pkg-config --cflags --libs xmlsec1-openssl)
(cd "$root" && ROLECALL_SAML_WRITE=$work cargo bench --quiet --bench saml -- --noplot)
for _ in 1 2 3; do "$work/xmlsec" speed "$work/message.xml" "$work/cert.pem" 2; done | tee "$work/theirs"
exec python3 - "${CARGO_TARGET_DIR:-$root/target}/criterion/saml/parse-and-verify/new/estimates.json" "$work/theirs" <<'PY'
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    ours = 1e9 / json.load(file)["median"]["point_estimate"]
with open(sys.argv[2], encoding="utf-8") as file:
    theirs = max(float(line.split()[0]) for line in file)
print(f"rolecall {ours:,.0f} messages/s, libxmlsec1 {theirs:,.0f}/s: {ours / theirs:.1f} times")
sys.exit(ours < 2 * theirs)
PY
