"""RSA-PSS, which libxmlsec1 does not know before 1.3: messages signed and verified over lxml and `cryptography`.

The second engine here is ours, in a few lines: lxml canonicalises, hashlib digests, `cryptography` verifies with the
salt as long as the hash (RFC 9231 2.3.10). It reads exclusive canonical form alone, and so do the messages made here.
"""
import copy
import hashlib
import random
import re

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

import documents
import mutations
from documents import DIGESTS, DS, EC, ENVELOPED, Messages, base64, wrapped

PSS = {hash: f"http://www.w3.org/2007/05/xmldsig-more#{hash}-rsa-MGF1" for hash in documents.RSA}
OF_URI = {uri: getattr(hashes, hash.upper()) for hash, uri in PSS.items()}
OF_DIGEST = {uri: hash for hash, uri in DIGESTS.items()}


class PssMessages(Messages):
    """Messages of the usual shapes, in exclusive canonical form."""

    def canonicalization(self):
        return EC


def parsed(text):
    """The tree, or None where there is none."""
    try:
        data = text if isinstance(text, bytes) else text.encode()
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return None


def octets(element, method):
    """Exclusive canonical form, with the prefixes that a method lists."""
    listed = method.find(f"{{{EC}}}InclusiveNamespaces") if method is not None else None
    prefixes = (listed.get("PrefixList") or "").split() if listed is not None else []
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes or None)


def digested(signature):
    """What the one reference of a signature is over; None where it is not its parent, or made in another way."""
    reference = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    parent = signature.getparent()
    if reference is None or parent is None or reference.get("URI") not in ("", "#" + (parent.get("ID") or "\0")):
        return None
    if reference.get("URI") == "" and parent.getparent() is not None:
        return None
    transforms = reference.findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")
    if [one.get("Algorithm") for one in transforms] != [ENVELOPED, EC]:
        return None
    tree = copy.deepcopy(parent.getroottree())
    number = list(signature.getroottree().getroot().iter(f"{{{DS}}}Signature")).index(signature)
    found = list(tree.getroot().iter(f"{{{DS}}}Signature"))[number]
    target, tail = found.getparent(), found.tail or ""
    before = found.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        target.text = (target.text or "") + tail
    target.remove(found)
    method = reference.find(f"{{{DS}}}DigestMethod")
    name = OF_DIGEST.get(method.get("Algorithm")) if method is not None else None
    return name and hashlib.new(name, octets(target, transforms[1])).digest()


def info_of(signature):
    """`SignedInfo` in canonical form; None where it has another."""
    info = signature.find(f"{{{DS}}}SignedInfo")
    method = info.find(f"{{{DS}}}CanonicalizationMethod") if info is not None else None
    return octets(info, method) if method is not None and method.get("Algorithm") == EC else None


def scheme(signature):
    method = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}SignatureMethod")
    return OF_URI.get(method.get("Algorithm")) if method is not None else None


def padded(hash):
    return padding.PSS(mgf=padding.MGF1(hash()), salt_length=hash().digest_size)


def signed(text, signatures, keys, dice):
    """Fills digests and values in, the inner signature first; None for a shape that is not worked through here."""
    # The default namespace that a list of prefixes names is not there for lxml where the canonicalised element inherits it.
    lists = parsed(re.sub(r"@(DIGEST|VALUE)\d@", "", text)).iter(f"{{{EC}}}InclusiveNamespaces")
    if any("#default" in (one.get("PrefixList") or "").split() for one in lists):
        return None
    for level, (_, name) in enumerate(signatures):
        root = parsed(re.sub(r"@(DIGEST|VALUE)\d@", "", text))
        found = list(root.iter(f"{{{DS}}}Signature"))
        signature = found[len(signatures) - 1 - level]
        digest = digested(signature)
        if digest is None:
            return None
        text = text.replace(f"@DIGEST{level}@", base64.b64encode(digest).decode())
        root = parsed(re.sub(r"@(DIGEST|VALUE)\d@", "", text))
        signature = list(root.iter(f"{{{DS}}}Signature"))[len(signatures) - 1 - level]
        hash = scheme(signature)
        key = serialization.load_pem_private_key((keys / f"{name}.key.pem").read_bytes(), None)
        value = key.sign(info_of(signature), padded(hash), hash())
        text = text.replace(f"@VALUE{level}@", wrapped(base64.b64encode(value).decode(), dice))
    return text


def verifies(data, public):
    """Whether every signature of a message verifies with one of the keys, as this engine reads it."""
    root = parsed(data)
    if root is None:
        return False
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    return bool(signatures) and all(one_verifies(signature, public) for signature in signatures)


def one_verifies(signature, public):
    digest, info, hash = digested(signature), info_of(signature), scheme(signature)
    if digest is None or info is None or hash is None:
        return False
    try:
        told = base64.b64decode(signature.findtext(f"{{{DS}}}SignedInfo/{{{DS}}}Reference/{{{DS}}}DigestValue") or "")
        value = base64.b64decode(signature.findtext(f"{{{DS}}}SignatureValue") or "")
    except ValueError:
        return False
    if told != digest:
        return False
    for key in public:
        try:
            key.verify(value, info, padded(hash), hash())
            return True
        except InvalidSignature:
            pass
    return False


def public_keys(certificates):
    keys = [x509.load_pem_x509_certificate(path.read_bytes()).public_key() for path in certificates]
    return [key for key in keys if isinstance(key, rsa.RSAPublicKey)]


def generate(seed, count, keys, texts_of):
    """`count` signed messages by their numbers, and whether they are to be believed."""
    usual, texts, believed, number = dict(documents.RSA), {}, {}, 0
    documents.RSA.update(PSS)
    try:
        while len(texts) < count:
            dice = random.Random(f"{seed}-pss-{number}")
            message = PssMessages(dice, number, noise=dice.choice((0.0, 0.5, 1.0)))
            draft = message.message(texts_of)
            # SHA-512 and its salt do not fit into 1,024 bits.
            if message.signatures and message.key in ("rsa2048", "rsa3072", "attacker"):
                text = signed(draft, message.signatures, keys, dice)
                if text is not None:
                    texts[number] = text
                    believed[number] = message.key != "attacker"
            number += 1
    finally:
        documents.RSA.clear()
        documents.RSA.update(usual)
    return texts, believed


def change(seed, count, texts):
    bases = sorted(texts)
    for number in range(count):
        dice = random.Random(f"{seed}-pss-change-{number}")
        kind, data = mutations.mutate(dice, texts[dice.choice(bases)])
        yield number, kind, data


def judge(arguments, keys, certificates, folder, tools):
    """How many times rolecall accepts what this engine or the rules refuse, or does not accept what was made to be."""
    verdicts, objection = tools
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    believed_keys = [keys / f"{name}.cert.pem" for name in documents.KEYS]
    public = public_keys(believed_keys)
    texts, believed = generate(arguments.seed, arguments.pss, keys, certificates)
    files, wanted = [], {}
    for number, text in texts.items():
        path = folder / f"{number}.xml"
        path.write_text(text, encoding="utf-8", newline="")
        files.append(str(path))
        wanted[str(path)] = believed[number]
    for number, kind, data in change(arguments.seed, 5 * arguments.pss, texts):
        path = folder / f"changed-{number}-{kind}.xml"
        path.write_bytes(data)
        files.append(str(path))
    ours = verdicts(arguments.rolecall, files, [str(path) for path in believed_keys], "rolecall")
    both = worse = alone = broken = 0
    for path in files:
        with open(path, "rb") as file:
            valid = verifies(file.read(), public) and objection(path) is None
        accepted = ours[path][0] == "accept"
        both += accepted and valid
        alone += valid and not accepted
        if accepted and not valid:
            worse += 1
            print(f"  WRONG {path}: rolecall accepts, lxml and cryptography do not")
        if path in wanted and wanted[path] != accepted:
            broken += 1
            print(f"  WRONG {path}: made to be {'accepted' if wanted[path] else 'refused'}, rolecall {ours[path]}")
    print(f"\nRSA-PSS: {len(files)} messages ({len(texts)} made, {len(files) - len(texts)} changed): both accept {both}, "
          f"rolecall alone {worse}, lxml and cryptography alone {alone}")
    return worse + broken
