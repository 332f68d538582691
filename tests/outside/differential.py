#!/usr/bin/env python3
"""What rolecall accepts, the others accept: rolecall, samael and libxmlsec1 over generated and changed messages.

usage: differential.py ROLECALL XMLSEC FOLDER [--seed N] [--messages N] [--changed N] [--corpus FOLDER]

ROLECALL has the feature `samael`; XMLSEC is made of xmlsec.c. Exit 1 where rolecall accepts a message of which libxmlsec1
refuses a signature, or samael refuses it, or the rules of reading it (`objection`, over lxml's tree) do not hold; or where
the generator made a message that libxmlsec1 refuses. What the others accept and rolecall does not is counted by rolecall's reason.
"""
import argparse
import collections
import json
import random
import re
import subprocess
import sys
import time
from pathlib import Path

from lxml import etree

import mutations
import pss
from documents import DS, EC, ENVELOPED, INCLUSIVE, INCLUSIVE_1_1, KEYS, SAML, SAMLP, Messages, certificate_text, make_keys, wrapped

FORMS = {ENVELOPED, *(form + comments for form in (INCLUSIVE, INCLUSIVE_1_1) for comments in ("", "#WithComments")), EC, EC + "WithComments"}
# What samael asks beyond signatures and the schema does not need: not its word on the signature.
LIMITS = ("malformed XML ID attribute value",)


def lines(program, job, rows):
    """The answers of xmlsec.c, split at tabs."""
    asked = "".join("\t".join(str(part) for part in row) + "\n" for row in rows)
    done = subprocess.run([program, job], input=asked, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{program} {job}: ended with {done.returncode}")
    return [line.split("\t") for line in done.stdout.splitlines()]


# --- messages ---------------------------------------------------------------------------------------------------

def signed(program, keys, folder, drafts):
    """Fills digests and values in, the inner signature first."""
    texts = {number: draft for number, (draft, _, _) in drafts.items()}
    for level in range(2):
        rows, numbers = [], {}
        for number, (_, signatures, _) in drafts.items():
            if level >= len(signatures):
                continue
            path = folder / f"draft-{number}.xml"
            path.write_text(re.sub(r"@(DIGEST|VALUE)\d@", "", texts[number]), encoding="utf-8", newline="")
            numbers[str(path)] = number
            rows.append((path, keys / f"{signatures[level][1]}.key.pem", len(signatures) - 1 - level))
        for path, said, *values in lines(program, "sign", rows):
            number = numbers[path]
            if said != "signed":
                sys.exit(f"{path}: libxmlsec1 does not sign what was generated")
            digest, value = (value.replace("|", "\n") for value in values)     # the digest is signed as it was written
            texts[number] = texts[number].replace(f"@DIGEST{level}@", digest).replace(f"@VALUE{level}@", wrapped(value, drafts[number][2]))
            Path(path).unlink()
    return texts


def generate(arguments, keys, folder):
    certificates = {name: certificate_text(keys / f"{name}.cert.pem") for name in (*KEYS, "attacker")}
    drafts, notes = {}, {}
    for number in range(arguments.messages):
        dice = random.Random(f"{arguments.seed}-message-{number}")
        message = Messages(dice, number, noise=dice.choice((0.0, 0.5, 1.0, 1.0, 2.0)))
        drafts[number] = (message.message(certificates), message.signatures, dice)
        notes[number] = message
    texts = signed(arguments.xmlsec, keys, folder, drafts)
    believed = {number: bool(notes[number].signatures) and notes[number].key != "attacker" for number in texts}
    return texts, believed


def change(arguments, texts):
    """Each from a message that was signed, and that is not overlong."""
    bases = [number for number in sorted(texts) if "SignatureValue" in texts[number]]
    for number in range(arguments.changed):
        dice = random.Random(f"{arguments.seed}-change-{number}")
        text = texts[dice.choice(bases)]
        try:
            kind, data = mutations.mutate(dice, text)
        except (ValueError, IndexError, AttributeError, TypeError, etree.XMLSyntaxError) as error:
            sys.exit(f"change {number}: {type(error).__name__}: {error}")
        yield number, kind, data


# --- the rules, over another tree ---------------------------------------------------------------------------------

def objection(path):
    """Why a message has to be refused whatever its signatures say, and how many of them there are; or None."""
    try:
        tree = etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, OSError) as error:
        return f"ill-formed: {error}"
    root = tree.getroot()
    if tree.docinfo.doctype:
        return "document type"
    ids = [value for one in root.iter("*") for name, value in one.attrib.items() if name in ("ID", "Id", "id", "AssertionID")]
    if len(ids) != len(set(ids)):
        return "an ID stands twice"
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    if root.tag.endswith(("}EntityDescriptor", "}EntitiesDescriptor")):
        read = [root]
    else:
        if root.tag not in (f"{{{SAMLP}}}Response", f"{{{SAML}}}Assertion"):
            return "another root"
        advice = f"{{{SAML}}}Advice"
        read = [one for one in root.iter(f"{{{SAML}}}Assertion", f"{{{SAML}}}EncryptedAssertion")
                if not any(outer.tag == advice for outer in one.iterancestors())]
        if len(read) != 1:
            return f"{len(read)} assertions"
    covered = False
    for signature in signatures:
        infos = signature.findall(f"{{{DS}}}SignedInfo")
        references = signature.findall(f".//{{{DS}}}Reference")
        if len(infos) != 1 or len(references) != 1:
            return "not one SignedInfo with one Reference"
        transforms = [one.get("Algorithm") for one in references[0].iter(f"{{{DS}}}Transform")]
        if not set(transforms) <= FORMS:
            return "other transforms"
        method = infos[0].find(f"{{{DS}}}SignatureMethod")
        if method is None or "hmac" in (method.get("Algorithm") or ""):
            return "HMAC"
        uri, parent = references[0].get("URI"), signature.getparent()
        own = uri is not None and (uri == "#" + (parent.get("ID") or "\0") or (uri == "" and parent is root))
        covered |= own and ENVELOPED in transforms and parent in (root, *read)
    if not signatures:
        return "unsigned"
    return None if covered else "nothing that is read is signed"


def verdicts(program, files, certificates, engine):
    """rolecall's verdict and reasons of each file, by its two engines."""
    found = {}
    options = [option for certificate in certificates for option in ("--cert", certificate)]
    for at in range(0, len(files), 2000):
        part = files[at:at + 2000]
        done = subprocess.run([program, "saml", "verify", "--engine", engine, "--format", "jsonl", *options, "--", *part], capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            one = json.loads(line)
            found[one["file"]] = (one["verdict"], one["reasons"])
        if done.returncode not in (0, 1) or len(found) < at + len(part):
            sys.exit(f"rolecall --engine {engine}: exit {done.returncode}, {len(found) - at} of {len(part)} files\n{done.stderr[:2000]}")
    return found


def cause(reasons):
    text = str(reasons[0]) if reasons else "no reason"
    return re.sub(r"`[^`]*`|\d+", "…", text)[:110]


def corpus_files(folder):
    """The raw documents of a corpus with its certificates."""
    names = []
    for row in (folder / "manifest.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        cells = row.split("\t")
        if cells[2] == "raw":
            names.append(str(folder / "files" / cells[0]))
    return names, sorted(str(path) for path in (folder / "certs").glob("*.pem"))


def judge(title, arguments, files, certificates, kinds, wanted):
    """Holds the engines against each other; how many times rolecall accepts what another refuses."""
    begun = time.monotonic()
    ours = verdicts(arguments.rolecall, files, certificates, "rolecall")
    second = verdicts(arguments.rolecall, files, certificates, "samael")
    crypto = collections.defaultdict(list)
    for path, *said in lines(arguments.xmlsec, "verify", [(path, *certificates) for path in files]):
        crypto[path].append(said)
    worse, other_way, table, made_wrong = [], collections.Counter(), collections.Counter(), []
    unread = collections.Counter()
    for path in files:
        said = crypto[path]
        signatures = [one[2] for one in said if one[0] == "signature"]
        is_valid = bool(signatures) and all(one == "valid" for one in signatures)
        why = objection(path)
        accepted = ours[path][0] == "accept"
        # `needs-decryption` is samael's word for a valid signature around an encrypted assertion.
        accepted_second = second[path][0] in ("accept", "needs-decryption")
        if accepted and not accepted_second and any(limit in str(second[path][1]) for limit in LIMITS):
            unread[next(limit for limit in LIMITS if limit in str(second[path][1]))] += 1
            accepted_second = True
        reference = is_valid and why is None
        table[accepted, accepted_second, reference] += 1
        if accepted and not (reference and accepted_second):
            worse.append(f"{path}: {kinds.get(path, '-')}: libxmlsec1 {signatures or said}, rules {why}, samael {second[path]}")
        if reference and not accepted:
            other_way[cause(ours[path][1]), ours[path][0]] += 1
        if path in wanted and wanted[path] != reference:
            made_wrong.append(f"{path}: made to be {'accepted' if wanted[path] else 'refused'}, libxmlsec1 {signatures}, rules {why}")
    print(f"\n{title}: {len(files)} messages in {time.monotonic() - begun:.0f} s")
    print("  rolecall  samael    libxmlsec1 and rules")
    for row, count in sorted(table.items(), reverse=True):
        print("  " + "  ".join("accepts " if one else "refuses " for one in row) + f"  {count}")
    for (reason, verdict), count in other_way.most_common():
        print(f"  refused by rolecall alone: {count:5}  {verdict}: {reason}")
    for limit, count in unread.items():
        print(f"  samael does not read, and so does not judge: {count:5}  {limit}")
    for line in (*worse[:20], *made_wrong[:20]):
        print(f"  WRONG {line}")
    return len(worse) + len(made_wrong)


def main():
    parser = argparse.ArgumentParser()
    for name in ("rolecall", "xmlsec", "folder"):
        parser.add_argument(name)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--changed", type=int, default=10000)
    parser.add_argument("--pss", type=int, default=200, help="messages with RSA-PSS, and five changes of each")
    parser.add_argument("--corpus")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.messages} messages, {arguments.changed} changed")
    folder = Path(arguments.folder)
    keys, made, changed = folder / f"keys-{arguments.seed}", folder / "messages", folder / "changed"
    for one in (made, changed):
        one.mkdir(parents=True, exist_ok=True)
        for old in one.iterdir():
            old.unlink()
    if not (keys / "attacker.key.pem").exists():
        make_keys(keys, arguments.seed)
    certificates = [str(keys / f"{name}.cert.pem") for name in KEYS]
    begun = time.monotonic()
    texts, believed = generate(arguments, keys, folder)
    files, kinds, wanted = [], {}, {}
    for number, text in texts.items():
        path = made / f"{number}.xml"
        path.write_text(text, encoding="utf-8", newline="")
        files.append(str(path))
        wanted[str(path)] = believed[number]
    broken = []
    for number, kind, data in change(arguments, texts):
        path = changed / f"{number}-{kind}.xml"
        path.write_bytes(data)
        broken.append(str(path))
        kinds[str(path)] = kind
    print(f"made in {time.monotonic() - begun:.0f} s")
    wrong = 0
    if arguments.corpus:
        wrong += judge("corpus", arguments, *corpus_files(Path(arguments.corpus)), {}, {})
    wrong += judge("generated", arguments, files, certificates, {}, wanted)
    wrong += judge("changed", arguments, broken, certificates, kinds, {})
    texts_of = {name: certificate_text(keys / f"{name}.cert.pem") for name in (*KEYS, "attacker")}
    wrong += pss.judge(arguments, keys, texts_of, folder / "pss", (verdicts, objection))
    print(f"\n{wrong} cases where rolecall accepts what another refuses, or the generator is wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
