#!/usr/bin/env bash
# A HAR of 200 MB with some SAML responses in it, read by `rolecall saml decode`: seconds and the most memory it held.
#
# usage: saml_har.sh [MEGABYTES]
# Exit 1: a response was not found, or more than 64 MiB were held.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
work=$target/saml_speed
mkdir -p "$work"
(cd "$root" && cargo build --quiet --release)
# A process of its own, whose children are rolecall alone: the compiler's memory is not counted.
python3 - "$target/release/rolecall" "$work/large.har" "${1:-200}" <<'PY'
import base64, json, resource, subprocess, sys, time, urllib.parse
rolecall, path, megabytes = sys.argv[1], sys.argv[2], int(sys.argv[3])
response = ('<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r{0}" Version="2.0"><saml:Assertion '
            'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a{0}" Version="2.0"/></samlp:Response>')
page = "<html>" + "lorem \\ \"ipsum\" \n" * 6000 + "</html>"


def entry(number):
    request = {"method": "GET", "url": f"https://example.com/{number}", "headers": [{"name": "Cookie", "value": "c" * 200}]}
    if number % 500 == 7:
        saml = base64.b64encode(response.format(number).encode()).decode()
        body = urllib.parse.urlencode({"SAMLResponse": saml, "RelayState": ""})
        request |= {"method": "POST", "url": "https://signin.aws.amazon.com/saml",
                    "postData": {"mimeType": "application/x-www-form-urlencoded", "text": body}}
    return {"startedDateTime": "2026-01-01T00:00:00Z", "request": request,
            "response": {"status": 200, "headers": [], "content": {"mimeType": "text/html", "text": page}}}


written = responses = number = 0
with open(path, "w", encoding="utf-8") as out:
    out.write('{"log":{"version":"1.2","creator":{"name":"bench","version":"1"},"entries":[')
    while written < megabytes * 1_000_000:
        responses += number % 500 == 7
        written += out.write(("," if number else "") + json.dumps(entry(number)))
        number += 1
    out.write("]}}")
begun = time.monotonic()
done = subprocess.run([rolecall, "saml", "decode", path], capture_output=True, text=True, check=False)
seconds = time.monotonic() - begun
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
found = sum(f"entry {n + 1}: Response (HTTP-POST)" in done.stdout for n in range(7, number, 500))
print(f"{written / 1e6:.0f} MB, {number} entries: {found} of {responses} responses in {seconds:.2f} s ({written / 1e6 / seconds:.0f} MB/s), {peak:.0f} MiB held at most")
if found != responses:
    print(done.stdout[:500], done.stderr[:500], sep="\n")
sys.exit(found != responses or peak > 64)
PY
