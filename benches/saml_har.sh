#!/bin/sh
# Reads a HAR file of 200 MB that carries two sign-ins: seconds and peak memory of `saml decode`.
# Usage: benches/saml_har.sh [megabytes [program]]; wants python3 and, unless a program is named, a release build.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 - "${1:-200}" "$folder/big.har" <<'PYTHON'
import json
import sys

wanted = int(sys.argv[1]) * 1_000_000
with open("fixtures/formats/saml/sign-in.har", encoding="utf-8") as file:
    entries = json.load(file)["log"]["entries"]
text = "function f(a, b) { return \"a\\n\" + b; } // padding\n" * 2000
padding = {
    "startedDateTime": "2026-11-24T09:59:00.000Z",
    "request": {"method": "GET", "url": "https://harbour.okta.test/app.js", "headers": []},
    "response": {"status": 200, "content": {"mimeType": "text/html", "text": text}},
}
padding, written, turn = json.dumps(padding), 0, 0
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write('{"log": {"version": "1.2", "entries": [')
    while written < wanted:
        out.write(padding + ",\n")
        written += len(padding)
        if written > wanted * (turn + 1) // (len(entries) + 1) and turn < len(entries):
            out.write(json.dumps(entries[turn]) + ",\n")
            turn += 1
    out.write(padding + "]}}\n")
PYTHON
ls -l "$folder/big.har" | awk '{ print $5 " bytes" }'
python3 - "${2:-target/release/rolecall}" "$folder/big.har" <<'PYTHON'
import resource
import subprocess
import sys
import time

began = time.monotonic()
run = subprocess.run([sys.argv[1], "saml", "decode", "--at", "2026-11-25", sys.argv[2]], capture_output=True, check=True)
seconds = time.monotonic() - began
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
assert run.stdout.count(b": Response (") == 2, run.stdout
print(f"{seconds:.2f} s, {peak / 1024:.0f} MiB at the peak")
PYTHON
