"""The second half of attacks.sh: FOLDER of what was made, listed and verified; FOLDER of the TEST keys."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import warnings

from lxml import etree

warnings.filterwarnings("ignore")
work, keys = map(pathlib.Path, sys.argv[1:])
try:
    from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLVerifier
    from signxml.exceptions import InvalidCertificate, InvalidDigest, InvalidSignature
except Exception as error:
    XMLVerifier = None
    print(f"no signxml: its half is left out ({error})")
xmlsec1 = shutil.which("xmlsec1")
if not xmlsec1:
    print("no xmlsec1: its half is left out")
if not xmlsec1 and not XMLVerifier:
    print("SKIPPED: neither xmlsec1 nor signxml is there")
    sys.exit(77)

DS = "{http://www.w3.org/2000/09/xmldsig#}"
SAML = "urn:oasis:names:tc:SAML:2.0:"
CERTIFICATES = [keys / f"{name}.cert.pem" for name in ("test", "p256", "p384")]


def by_xmlsec1(file, number, text):
    """Whether xmlsec1 verifies a signature with a known key; none where it cannot say."""
    if not xmlsec1 or "rsa-MGF1" in text:
        return None
    for certificate in CERTIFICATES:
        ran = subprocess.run(
            [xmlsec1, "--verify", "--pubkey-cert-pem", certificate,
             "--id-attr:ID", f"{SAML}protocol:Response", "--id-attr:ID", f"{SAML}assertion:Assertion",
             "--id-attr:ID", f"{SAML}metadata:EntityDescriptor",
             "--node-xpath", f"(//*[local-name()='Signature' and namespace-uri()='{DS[1:-1]}'])[{number}]", file],
            capture_output=True, timeout=60)
        if ran.returncode == 0:
            return True
    return False


def by_signxml(root, signature):
    """The same of signxml, which asks for a signature that is a child of what it signs."""
    method = signature.find(f".//{DS}CanonicalizationMethod")
    if not XMLVerifier or len(method) or "#default" in etree.tostring(signature).decode():
        # It passes over InclusiveNamespaces of the SignedInfo, and takes `#default` for a prefix.
        return None
    every = dict(signature_methods=frozenset(SignatureMethod), digest_algorithms=frozenset(DigestAlgorithm))
    path = root.getroottree().getelementpath(signature.getparent())
    config = SignatureConfiguration(location="./" if path == "." else f"./{path}/", **every)
    for certificate in CERTIFICATES:
        try:
            XMLVerifier().verify(root, x509_cert=certificate.read_text(), id_attribute="ID", expect_config=config)
            return True
        except (InvalidSignature, InvalidDigest, InvalidCertificate):
            continue
        except Exception:
            # What it does not do, such as another key than the certificate's algorithm.
            continue
    return False


rejected = set(re.findall(r"^  (\S+): .*\((?:rejected|not read)\b", (work / "list").read_text(), re.M))
faults, asked, accepted = [], {"xmlsec1": 0, "signxml": 0}, 0
for line in (work / "verdicts").read_text().splitlines():
    verdict = json.loads(line)
    name = verdict["file"].split(",")[0]
    file = next(one for one in [pathlib.Path(name), work / name, work / "made" / name] if one.is_file())
    kind = f"{file.parent.name}/{file.stem}"
    is_accepted = verdict["verdict"] in ("accept", "unsigned")
    accepted += is_accepted
    if is_accepted and kind in rejected:
        faults.append(f"{kind}: accepted, and has to be rejected")
    if not is_accepted or file.suffix != ".xml":
        continue
    try:
        root = etree.parse(str(file), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)).getroot()
    except etree.XMLSyntaxError as error:
        faults.append(f"{kind}: accepted, and libxml2 refuses it: {error}")
        continue
    for number, signature in enumerate(root.iter(f"{DS}Signature"), 1):
        text = etree.tostring(signature).decode()
        for who, says in [("xmlsec1", by_xmlsec1(file, number, text)), ("signxml", by_signxml(root, signature))]:
            if says is None:
                continue
            asked[who] += 1
            if not says:
                faults.append(f"{kind}: accepted, and {who} rejects signature {number}")
if faults or not rejected or not accepted:
    print("\n".join(faults) or "nothing was made")
    sys.exit(1)
print(f"{len(rejected)} documents that have to be rejected, none accepted; {accepted} accepted, their signatures "
      f"verified: {asked['xmlsec1']} by xmlsec1, {asked['signxml']} by signxml")
