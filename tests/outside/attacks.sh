#!/usr/bin/env bash
# Holds every document of `saml mutate` in which the signatures are in question beside programs from outside:
#
#   tests/outside/attacks.sh ROLECALL [PYTHON]
#
# ROLECALL is the program, PYTHON one that has lxml and signxml. What has to be rejected must not be accepted by
# ROLECALL, and what ROLECALL accepts must not be rejected by xmlsec1 or signxml, where they can judge it: each
# signature by itself, with the keys of the metadata and with the ID attributes named. Exit code 77 and the reason
# where neither is there.
set -euo pipefail
rolecall=$(realpath "$1")
python=${2:-python3}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if ! "$python" -c 'import lxml' 2>/dev/null; then echo "SKIPPED: no lxml to find the signatures with"; exit 77; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$rolecall" saml mutate --all --out "$work/made" >/dev/null 2>&1
"$rolecall" saml mutate --list >"$work/list"
"$rolecall" saml verify --metadata "$work/made/okta_metadata.xml" --format jsonl "$work"/made/*/ >"$work/verdicts" 2>/dev/null || true
exec "$python" tests/outside/attacks.py "$work" fixtures/keys/signing
