#!/usr/bin/env python3
"""Documents and their canonical forms by libxml2, for the test `canonical_forms_are_those_of_libxml2`.

usage: c14n.py XMLLINT XMLSEC FOLDER [--seed N] [--documents N]

Writes FOLDER/N.xml, FOLDER/N.FORM and FOLDER/cases.tsv with DOCUMENT, form, comments (1 or 0), ID of the element (empty for
the whole document), prefixes, FILE with the octets. Whole documents are canonicalised by the program xmllint, which keeps
comments; elements within documents and forms without comments by the same library through xmlsec.c.
"""
import argparse
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from differential import lines
from documents import KEYS, Comment, Element, Messages, Text, Writer

NAMES = ("a", "b", "c", "A", "é", "x.y", "_n", "aa")
SPACES = (None, "urn:one", "urn:two", "urn:one/longer", "http://www.w3.org/2000/09/xmldsig#")
LETTERS = ("a", "é", "\U0001f980", "&", "<", ">", "\"", "'", "\t", "\n", "\r", " ", "]]>", "\u00a0", "\u0085", "\u2028", "\ud7ff", "\ue000", "\ufffd", "\x7f")
FORMS = {"1.0": "--c14n", "1.1": "--c14n11", "exclusive": "--exc-c14n"}


class Wild(Writer):
    """Prefixes that mean now this and now that."""

    def prefix(self, uri, scope, needs_one=False):
        held = [prefix for prefix, one in scope.items() if one == uri and (prefix or not needs_one)]
        if held and self.dice.random() < 0.7:
            return self.dice.choice(sorted(held)), self.dice.random() < 0.1
        wanted = self.dice.choice(("p", "q", "r", "xs", "P", "p2") + (() if needs_one else ("",)))
        return wanted, scope.get(wanted) != uri or self.dice.random() < 0.1


def word(dice):
    return Text("".join(dice.choice(LETTERS) for _ in range(dice.randrange(0, 8))))


def wild(dice, depth, number):
    attributes = {}
    for _ in range(dice.choice((0, 0, 1, 1, 2, 3, 5))):
        namespace, name = dice.choice(SPACES + ("xml",)), dice.choice(NAMES)
        if namespace == "xml":
            name = dice.choice(("lang", "space", "base", "id"))
            value = {"lang": "en", "space": "default", "base": dice.choice(("b/", "http://x/y/", "../z", "")), "id": f"n{dice.getrandbits(40):x}"}[name]
        else:
            value = word(dice)
        attributes[namespace, name] = value
    element = Element(dice.choice(SPACES), dice.choice(NAMES), [(namespace, name, value) for (namespace, name), value in attributes.items()])
    if dice.random() < 0.3:
        element.attributes.append((None, "ID", f"i{next(number)}"))
    for _ in range(dice.choice((0, 0, 0, 1, 2))):
        element.declared[dice.choice(("p", "q", "r", "unused", ""))] = dice.choice(SPACES[1:])
    if element.namespace is None:
        element.declared.pop("", None)
    for _ in range(dice.randrange(0, 4)):
        kind = dice.random()
        if kind < 0.6 and depth:
            element.add(wild(dice, depth - 1, number))
        elif kind < 0.9:
            element.add(word(dice))
        else:
            element.add(Comment(dice.choice(("", " x ", "a\nb", "<&>", "é"))))
    return element


def document(seed, number, certificates):
    """A text and the IDs in it."""
    dice = random.Random(f"{seed}-c14n-{number}")
    if number % 4 == 0:
        message = Messages(dice, number, noise=2.0)
        return message.message(certificates), []
    root = wild(dice, 5, iter(range(1000)))
    ids = [value for one in root.walk() for namespace, name, value in one.attributes if (namespace, name) == (None, "ID")]
    text = Wild(dice, 1.5).document(root)
    return (text.replace("\n", "\r\n") if dice.random() < 0.1 else text), ids


def main():
    parser = argparse.ArgumentParser()
    for name in ("xmllint", "xmlsec", "folder"):
        parser.add_argument(name)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--documents", type=int, default=2400)
    arguments = parser.parse_args()
    folder = Path(arguments.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    certificates = {name: "AAAA" for name in (*KEYS, "attacker")}
    cases, by_library, by_program = [], [], []
    for number in range(arguments.documents):
        text, ids = document(arguments.seed, number, certificates)
        path = folder / f"{number}.xml"
        path.write_text(text, encoding="utf-8", newline="")
        dice = random.Random(f"{arguments.seed}-cases-{number}")
        for form in FORMS:
            out = folder / f"{number}.{form}"
            by_program.append((path, form, out))
            cases.append((path.name, form, 1, "", "", out.name))
        for nth, id in enumerate([""] + ids[:6]):
            for form in FORMS:
                prefixes = " ".join(dice.sample(("p", "q", "r", "xs", "#default", "absent", "unused"), dice.randrange(0, 4))) if form == "exclusive" else ""
                comments = dice.randrange(2) if id else 0
                out = folder / f"{number}.{form}.{nth}"
                by_library.append((path, form, comments, id, prefixes, out))
                cases.append((path.name, form, comments, id, prefixes, out.name))

    def lint(job):
        path, form, out = job
        done = subprocess.run([arguments.xmllint, "--nonet", FORMS[form], str(path)], capture_output=True, check=False)
        out.write_bytes(done.stdout)
        return done.returncode == 0 or str(path)

    with ThreadPoolExecutor(2) as pool:
        wrong = [path for path in pool.map(lint, by_program) if path is not True]
    said = lines(arguments.xmlsec, "c14n", by_library)
    wrong += [path for path, what in said if what != "written"]
    (folder / "cases.tsv").write_text("".join("\t".join(str(cell) for cell in case) + "\n" for case in cases), encoding="utf-8")
    print(f"seed {arguments.seed}: {arguments.documents} documents, {len(by_program)} canonical forms by xmllint, {len(said)} by libxml2; {len(wrong)} not made {wrong[:5]}")
    sys.exit(bool(wrong) or len(said) != len(by_library))


if __name__ == "__main__":
    main()
