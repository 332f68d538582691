#!/usr/bin/env bash
# Issues responses of many shapes and lets programs from outside verify every signature in them:
#
#   tests/outside/issue.sh ROLECALL [PYTHON]
#
# ROLECALL is the program, PYTHON one that has signxml. Uses xmlsec1 and signxml, whichever is there; exit code 77
# and the reason where neither is. RSA-PSS is beyond some versions of xmlsec1, so signxml alone is asked for it.
set -euo pipefail
rolecall=$(realpath "$1")
python=${2:-python3}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
keys=fixtures/keys/signing
at=2026-11-24T12:00:00Z
xmlsec1= signxml=
if command -v xmlsec1 >/dev/null; then xmlsec1=yes; else echo "no xmlsec1: its half is left out"; fi
if "$python" -c 'import signxml' 2>/dev/null; then signxml=yes; else echo "no signxml: its half is left out"; fi
if [ -z "$xmlsec1$signxml" ]; then echo "SKIPPED: neither xmlsec1 nor signxml is there"; exit 77; fi

issued=0
issue() {                          # issue CERTIFICATE WORLD ARGUMENTS…
  local certificate=$1 world=$2; shift 2
  issued=$((issued + 1))
  local file; file=$work/$(printf '%02d' "$issued")
  "$rolecall" saml issue --source "fixtures/federations/$world" --at "$at" "$@" >"$file.xml" 2>"$file.err" ||
    { echo "FAILED: saml issue $world $*"; cat "$file.err"; exit 1; }
  echo "$certificate" >"$file.key"
}
with() { echo "--key $keys/$1.key.pem --cert $keys/$1.cert.pem"; }

url=http://www.okta.com/exk1
# shellcheck disable=SC2046
{
  for user in nora omar quinn; do
    issue test demo/exports --user "$user"
  done
  for sign in assertion response both; do
    issue test demo/exports --user nora --sign "$sign" --id "$sign"
  done
  for hash in sha1 sha384 sha512; do
    issue test demo/exports --user nora --algorithm "rsa-$hash"
  done
  for hash in sha1 sha256 sha384 sha512; do
    issue test demo/exports --user nora --algorithm "rsa-pss-$hash"
  done
  for hash in sha256 sha384 sha512; do
    issue p256 demo/exports --user nora $(with p256) --algorithm "ecdsa-$hash"
    issue p384 demo/exports --user nora $(with p384) --algorithm "ecdsa-$hash"
  done
  issue stranger demo/exports --user nora $(with stranger)
  for world in china govcloud; do
    issue test "$world" --user "$("$rolecall" picker --all --format csv --no-header --source "fixtures/federations/$world" 2>/dev/null | head -n 1 | cut -d, -f1)" --issuer "$url"
  done
  for name in "O'Brien & Söhne <ops>" $'tab\tand\nline' '"]]>&amp;' 'ᚠ😀‮' ' spaces '; do
    issue test demo/exports --user nora --name-id "$name" --session-name "$name" \
      --attribute "PrincipalTag:Team=$name" --attribute "https://example.com/<a>&\"b\"=$name" --in-response-to _1 \
      --recipient "https://signin.aws.amazon.com/saml?a=1&b=<$name>"
  done
}

verify_with_xmlsec1() {            # verify_with_xmlsec1 FILE CERTIFICATE PARENT
  xmlsec1 --verify --pubkey-cert-pem "$2" \
    --id-attr:ID urn:oasis:names:tc:SAML:2.0:protocol:Response \
    --id-attr:ID urn:oasis:names:tc:SAML:2.0:assertion:Assertion \
    --node-xpath "//*[local-name()='$3']/*[local-name()='Signature']" "$1" >/dev/null 2>&1
}

by_xmlsec1=0
if [ -n "$xmlsec1" ]; then
  for file in "$work"/*.xml; do
    if grep -q 'rsa-MGF1' "$file"; then continue; fi
    name=$(cat "${file%.xml}.key")
    other=$([ "$name" = test ] && echo stranger || echo test)
    for parent in Response Assertion; do
      python3 - "$file" "$parent" <<'PY' || continue
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
found = [e for e in root.iter() if e.tag.endswith("}" + sys.argv[2])]
sys.exit(not any(c.tag.endswith("}Signature") for e in found for c in e))
PY
      verify_with_xmlsec1 "$file" "$keys/$name.cert.pem" "$parent" ||
        { echo "FAILED: xmlsec1 refuses the signature of $parent in $(basename "$file")"; exit 1; }
      if verify_with_xmlsec1 "$file" "$keys/$other.cert.pem" "$parent"; then
        echo "FAILED: xmlsec1 takes the signature of $parent in $(basename "$file") by another key"; exit 1
      fi
      sed 's/status:Success/status:Succes5/; s/PasswordProtectedTransport/PasswordProtectedTransporz/' "$file" >"$work/changed"
      if verify_with_xmlsec1 "$work/changed" "$keys/$name.cert.pem" "$parent"; then
        echo "FAILED: xmlsec1 takes a changed $parent in $(basename "$file")"; exit 1
      fi
      by_xmlsec1=$((by_xmlsec1 + 1))
    done
  done
fi

by_signxml=0
if [ -n "$signxml" ]; then
  by_signxml=$("$python" - "$work" "$keys" <<'PY'
import pathlib, sys
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier
from signxml.exceptions import InvalidInput, InvalidSignature

work, keys = map(pathlib.Path, sys.argv[1:])
DS = "{http://www.w3.org/2000/09/xmldsig#}Signature"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"
every = dict(signature_methods=frozenset(SignatureMethod), digest_algorithms=frozenset(DigestAlgorithm))


def verify(data, certificate, location):
    config = SignatureConfiguration(location=location, expect_references=1, **every)
    return XMLVerifier().verify(data, x509_cert=certificate, id_attribute="ID", expect_config=config)


count = 0
for file in sorted(work.glob("*.xml")):
    data = file.read_bytes()
    certificate = (keys / f"{file.with_suffix('.key').read_text().strip()}.cert.pem").read_text()
    root = etree.fromstring(data)
    for element, location in [(root, "./"), (root.find(SAML), f"./{SAML}/")]:
        if element.find(DS) is None:
            continue
        seen = verify(data, certificate, location).signed_xml
        if seen.get("ID") != element.get("ID"):
            sys.exit(f"FAILED: signxml verified another element of {file.name}")
        changed = data.replace(b"PasswordProtectedTransport", b"PasswordProtectedTransporz")
        try:
            verify(changed, certificate, location)
        except (InvalidSignature, InvalidInput):
            count += 1
            continue
        sys.exit(f"FAILED: signxml takes a changed {file.name}")
print(count)
PY
  ) || { echo "$by_signxml"; exit 1; }
fi
echo "$issued responses issued; signatures verified: $by_xmlsec1 by xmlsec1, $by_signxml by signxml"
if [ "$issued" -lt 20 ]; then echo "FAILED: fewer than 20 responses"; exit 1; fi
