"""Changes to a signed message: bytes, spellings, algorithms, references, and whole elements moved about.

Some keep what the signature covers and some do not; nobody here says which: that is for the engines to agree on.
"""
import copy
import re

from lxml import etree

from documents import DIGESTS, DS, EC, ECDSA, INCLUSIVE, INCLUSIVE_1_1, RSA, SAML, SAMLP

TAG = re.compile(r"<([A-Za-z_][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*(/?)>")
ATTRIBUTE = re.compile(r"\s+([\w:.-]+)\s*=\s*(\"[^\"<]*\"|'[^'<]*')")
DATA = re.compile(r">([^<>]+)<")
ALGORITHMS = (*DIGESTS.values(), *RSA.values(), *ECDSA.values(), EC, EC + "WithComments", INCLUSIVE, INCLUSIVE_1_1,
              DS + "hmac-sha1", DS + "base64", "http://www.w3.org/TR/1999/REC-xpath-19991116", "urn:example:none", "")
PIECES = (b"<", b">", b"&", b"&amp;", b"&#0;", b"&#x41;", b"&lt;", b"\"", b"'", b" ", b"\n", b"\r\n", b"\t", b"=", b"/", b"<!---->",
          b"<!--x-->", b"<![CDATA[]]>", b"<![CDATA[x]]>", b"]]>", b"<a/>", b"<?x y?>", b"\xc3\xa9", b"\xff", b"\x00", b"xml:", b"xmlns",
          b" xmlns=\"\"", b" xmlns:z=\"urn:z\"", b" xml:lang=\"en\"", b" ID=\"x\"", b"#", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85")


# --- bytes -------------------------------------------------------------------------------------------------------

def bytes_flipped(dice, text):
    data = bytearray(text.encode())
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def byte_replaced(dice, text):
    data = bytearray(text.encode())
    data[dice.randrange(len(data))] = dice.choice(b" \"'<>&/=:#\nAaZ09_-")
    return bytes(data)


def piece_inserted(dice, text):
    data = text.encode()
    at = dice.randrange(len(data))
    return data[:at] + dice.choice(PIECES) + data[at:]


def span_removed(dice, text):
    data = text.encode()
    at = dice.randrange(len(data))
    return data[:at] + data[at + dice.choice((1, 1, 1, 2, 3, 8, 40)):]


def span_doubled(dice, text):
    data = text.encode()
    at = dice.randrange(len(data))
    end = at + dice.choice((1, 1, 2, 8, 40, 400))
    return data[:end] + data[at:end] + data[end:]


# --- spellings of the same ------------------------------------------------------------------------------------------

def tags_of(dice, text, pattern=TAG):
    found = list(pattern.finditer(text))
    return dice.choice(found) if found else None


def with_part(text, found, part, group=0):
    return text[:found.start(group)] + part + text[found.end(group):]


def space_in_tag(dice, text):
    tag = tags_of(dice, text)
    end = tag.end() - (2 if tag.group(3) else 1)
    return text[:end] + dice.choice((" ", "\n", "\t", "\r\n", "  ")) + text[end:]


def attributes_turned(dice, text):
    tag = tags_of(dice, text)
    parts = ATTRIBUTE.findall(tag.group(2))
    dice.shuffle(parts)
    return with_part(text, tag, "".join(f" {name}={value}" for name, value in parts), 2)


def quotes_turned(dice, text):
    value = tags_of(dice, text, ATTRIBUTE)
    body = value.group(2)[1:-1].replace('"', "&quot;").replace("'", "&apos;")
    quote = "'" if value.group(2).startswith('"') else '"'
    return with_part(text, value, quote + body + quote, 2)


def empty_tag_spelled_out(dice, text):
    empty = [tag for tag in TAG.finditer(text) if tag.group(3)]
    if not empty:
        return space_in_tag(dice, text)
    tag = dice.choice(empty)
    return with_part(text, tag, f"<{tag.group(1)}{tag.group(2)}></{tag.group(1)}>")


def reference_for_character(dice, text):
    found = tags_of(dice, text, dice.choice((DATA, ATTRIBUTE)))
    group = found.re.groups
    low, high = found.start(group) + (group == 2), found.end(group) - (group == 2)
    places = [at for at in range(low, high) if text[at].isalnum() and "&" not in text[max(low, at - 8):at]]
    if not places:
        return space_in_tag(dice, text)
    at = dice.choice(places)
    return text[:at] + dice.choice(("&#{};", "&#x{:x};", "&#x{:X};", "&#0{};")).format(ord(text[at])) + text[at + 1:]


def data_in_cdata(dice, text):
    plain = [found for found in DATA.finditer(text) if "&" not in found.group(1)]
    if not plain:
        return space_in_tag(dice, text)
    found = dice.choice(plain)
    low = dice.randrange(found.start(1), found.end(1))
    high = dice.randrange(low, found.end(1)) + 1
    return text[:low] + "<![CDATA[" + text[low:high] + "]]>" + text[high:]


def comment_in_data(dice, text):
    found = tags_of(dice, text, DATA)
    at = dice.randrange(found.start(1), found.end(1) + 1)
    if "&" in text[max(found.start(1), at - 8):at]:
        at = found.start(1)
    return text[:at] + dice.choice(("<!---->", "<!-- x -->", "<!--<a/>-->")) + text[at:]


def space_in_data(dice, text):
    found = tags_of(dice, text, DATA)
    at = dice.choice((found.start(1), found.end(1)))
    return text[:at] + dice.choice((" ", "\n", "\t", "\r\n", "&#32;", "&#13;")) + text[at:]


def line_ends_turned(dice, text):
    return text.replace("\r\n", "\n") if dice.random() < 0.3 else text.replace("\r\n", "\n").replace("\n", "\r\n")


def declaration_added(dice, text):
    tag = tags_of(dice, text)
    part = dice.choice((' xmlns:zz="urn:zz"', f' xmlns:again="{SAML}"', ' xmlns:xs="http://www.w3.org/2001/XMLSchema"', f' xmlns="{SAML}"',
                        ' xmlns=""', ' xmlns:xml="http://www.w3.org/XML/1998/namespace"', f' xmlns:ds="{DS}"', ' xmlns:samlp="urn:other"'))
    return text[:tag.end(1)] + part + text[tag.end(1):]


def attribute_added(dice, text):
    tag = tags_of(dice, text)
    part = dice.choice((' xml:lang="fr"', ' xml:space="preserve"', ' xml:base="http://x/"', ' xml:id="z"', ' ID="z"', ' Id="z"', ' id="z"', ' a="1"'))
    return text[:tag.end(1)] + part + text[tag.end(1):]


def attribute_removed(dice, text):
    return with_part(text, tags_of(dice, text, ATTRIBUTE), "")


def comment_beside_root(dice, text):
    return dice.choice((text + "<!-- x -->", text + "\n", re.sub(r"^(<\?[^>]*\?>)?", lambda head: head.group(0) + "<!-- y -->", text, count=1)))


def declaration_of_xml(dice, text):
    bare = re.sub(r"^<\?[^>]*\?>", "", text)
    return dice.choice(("", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.1"?>', "\ufeff",
                        '<?xml version="1.0" encoding="ISO-8859-1"?>', "\n", " <!DOCTYPE x>", "<!DOCTYPE x [<!ENTITY e 'v'>]>")) + bare


# --- signatures ----------------------------------------------------------------------------------------------------

def of_signature(dice, text, name):
    return tags_of(dice, text, re.compile(rf"<(?:[\w.-]+:)?{name}\b[^>]*>([^<]+)<"))


def base64_respelled(dice, text):
    found = of_signature(dice, text, dice.choice(("DigestValue", "SignatureValue")))
    if found is None:
        return space_in_tag(dice, text)
    value = found.group(1)
    at = dice.randrange(len(value))
    new = dice.choice((value + "=", value.rstrip("= \n"), value[:at] + " " + value[at:], value[:at] + "\n" + value[at:], value[:at] + "&#10;" + value[at:],
                       value[:at] + "!" + value[at:], value[:at] + "=" + value[at:], value + "AAAA", value[:at] + value[at:].swapcase(),
                       value[:at] + "\u00a0" + value[at:], value[:at] + "<!---->" + value[at:], value[:at] + "\x0b" + value[at:], "",
                       value.replace("+", "-").replace("/", "_"), "".join(value.split()), value[::-1]))
    return with_part(text, found, new, 1)


def last_bits_of_base64(dice, text):
    """The bits of the last letter that stand for no byte."""
    found = of_signature(dice, text, dice.choice(("DigestValue", "SignatureValue")))
    if found is None or "=" not in found.group(1):
        return space_in_tag(dice, text)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    at = found.start(1) + found.group(1).index("=") - 1
    while text[at] not in letters:
        at -= 1
    return text[:at] + letters[letters.index(text[at]) ^ 1] + text[at + 1:]


def algorithm_swapped(dice, text):
    found = tags_of(dice, text, re.compile(r"\bAlgorithm\s*=\s*[\"']([^\"']*)[\"']"))
    return with_part(text, found, dice.choice(ALGORITHMS), 1) if found else space_in_tag(dice, text)


def prefix_list_changed(dice, text):
    found = tags_of(dice, text, re.compile(r"\bPrefixList\s*=\s*[\"']([^\"']*)[\"']"))
    return with_part(text, found, dice.choice(("", "xs", "#default", "saml ds xs", "xs  xsi\t#default", "nothing")), 1) if found else declaration_added(dice, text)


def uri_changed(dice, text):
    found = tags_of(dice, text, re.compile(r"\bURI\s*=\s*[\"']([^\"']*)[\"']"))
    if found is None:
        return space_in_tag(dice, text)
    ids = re.findall(r"\b(?:ID|Id)\s*=\s*[\"']([^\"']*)[\"']", text)
    one = dice.choice(ids) if ids else "x"
    return with_part(text, found, dice.choice(("", "#", f"#{one}", one, f"#xpointer(id('{one}'))", "#xpointer(/)", "#xpointer(/*)", "#gone",
                                               "http://localhost/x", f" #{one}", f"#{one} ", f"%23{one}")), 1)


def id_changed(dice, text):
    found = list(re.finditer(r"\b(?:ID|Id)(?=\s*=\s*[\"']([^\"']*)[\"'])", text))
    one, other = dice.choice(found), dice.choice(found)
    return dice.choice((with_part(text, one, other.group(1), 1), with_part(text, one, "Id"), with_part(text, one, "xml:id"),
                        with_part(text, one, "AssertionID"), with_part(text, one, one.group(1) + "x", 1)))


# --- elements moved about -------------------------------------------------------------------------------------------

def tree_changed(dice, text):
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    everything = [one for one in root.iter() if isinstance(one.tag, str)]
    signatures = root.findall(f".//{{{DS}}}Signature") or everything[1:]
    assertions = root.findall(f".//{{{SAML}}}Assertion") or everything[1:]
    one, other = dice.choice(everything[1:]), dice.choice(everything)
    signature, assertion = dice.choice(signatures), dice.choice(assertions)
    kind = dice.randrange(16)
    if kind == 0:                                                    # an element doubled beside itself
        one.addnext(copy.deepcopy(one))
    elif kind == 1:                                                  # an element into another
        if one not in list(other.iterancestors()) and one is not other:
            other.insert(dice.randrange(len(other) + 1), one)
    elif kind == 2:                                                  # an element taken away
        one.getparent().remove(one)
    elif kind == 3:                                                  # signature elsewhere
        if signature not in list(other.iterancestors()) and other is not signature:
            other.insert(dice.randrange(len(other) + 1), signature)
    elif kind == 4:                                                  # signature doubled
        signature.addnext(copy.deepcopy(signature))
    elif kind in (5, 6, 7, 8):                                       # wrapping: the signed one hidden, an evil one read
        return wrapped(dice, root, assertion, kind)
    elif kind == 9:                                                  # SignedInfo doubled, first or last other
        info = signature.find(f"{{{DS}}}SignedInfo")
        if info is not None:
            twin = copy.deepcopy(info)
            (info.addprevious if dice.random() < 0.5 else info.addnext)(twin)
            for value in dice.choice((twin, info)).iter(f"{{{DS}}}DigestValue"):
                value.text = "AAAA"
    elif kind == 10:                                                 # another reference beside it
        reference = signature.find(f".//{{{DS}}}Reference")
        if reference is not None:
            reference.addnext(copy.deepcopy(reference))
    elif kind == 11:                                                 # a transform more
        transforms = signature.find(f".//{{{DS}}}Transforms")
        if transforms is not None:
            transforms.insert(dice.randrange(len(transforms) + 1), etree.Element(f"{{{DS}}}Transform", Algorithm=dice.choice(ALGORITHMS)))
    elif kind == 12:                                                 # another namespace
        assertion.tag = dice.choice(("{urn:oasis:names:tc:SAML:1.0:assertion}Assertion", "Assertion", f"{{{SAMLP}}}Assertion", f"{{{SAML}}}assertion"))
    elif kind == 13:                                                 # all of it into something else
        shell = etree.Element(dice.choice((f"{{{SAMLP}}}Response", "{http://schemas.xmlsoap.org/soap/envelope/}Envelope", f"{{{SAMLP}}}ArtifactResponse")))
        shell.append(root)
        root = shell
    elif kind == 14:                                                 # the signature's own Object
        thing = etree.SubElement(signature, f"{{{DS}}}Object")
        thing.append(copy.deepcopy(assertion) if assertion is not root and signature is not assertion else etree.Element("x"))
    else:                                                            # text of an element
        one.text = (one.text or "") + dice.choice((" ", "x", "\n"))
    return etree.tostring(root)


def evil_of(assertion, same_id):
    evil = copy.deepcopy(assertion)
    for signature in evil.findall(f"{{{DS}}}Signature"):
        evil.remove(signature)
    if not same_id:
        evil.set("ID", "_evil")
    for name in evil.iter(f"{{{SAML}}}NameID"):
        name.text = "admin"
    return evil


def wrapped(dice, root, assertion, kind):
    evil = evil_of(assertion, same_id=dice.random() < 0.3)
    if assertion is root or kind == 8:                               # the whole message inside a new one
        outer = copy.deepcopy(root)
        for signature in outer.findall(f"{{{DS}}}Signature"):
            outer.remove(signature)
        if dice.random() < 0.7:
            outer.set("ID", "_outer")
        holder = dice.choice((f"{{{SAMLP}}}Extensions", f"{{{DS}}}Object", "{urn:x}x"))
        etree.SubElement(outer, holder).append(root)
        for name in outer.iter(f"{{{SAML}}}NameID"):
            name.text = "admin"
            break
        return etree.tostring(outer)
    if kind == 5:
        (assertion.addprevious if dice.random() < 0.5 else assertion.addnext)(evil)
    elif kind == 6:                                                  # the signed one within the evil one
        assertion.getparent().replace(assertion, evil)
        holder = dice.choice((f"{{{SAML}}}Advice", f"{{{SAML}}}Subject", "{urn:x}x"))
        etree.SubElement(evil, holder).append(assertion)
        if dice.random() < 0.5:
            signature = assertion.find(f"{{{DS}}}Signature")
            if signature is not None:
                evil.insert(1, signature)
    else:                                                            # the signed one within the evil one's signature
        signature = assertion.find(f"{{{DS}}}Signature")
        assertion.getparent().replace(assertion, evil)
        if signature is not None:
            evil.insert(1, copy.deepcopy(signature) if dice.random() < 0.5 else signature)
            etree.SubElement(evil[1], f"{{{DS}}}Object").append(assertion)
        else:
            etree.SubElement(root, f"{{{SAMLP}}}Extensions").append(assertion)
    return etree.tostring(root)


KINDS = (bytes_flipped, byte_replaced, piece_inserted, piece_inserted, span_removed, span_doubled, space_in_tag, attributes_turned, quotes_turned,
         empty_tag_spelled_out, reference_for_character, reference_for_character, data_in_cdata, comment_in_data, space_in_data, line_ends_turned,
         declaration_added, declaration_added, attribute_added, attribute_removed, comment_beside_root, declaration_of_xml, base64_respelled,
         base64_respelled, last_bits_of_base64, algorithm_swapped, prefix_list_changed, uri_changed, id_changed) + (tree_changed,) * 12


def mutate(dice, text):
    """One change, or rarely two; its name and the bytes."""
    kind = dice.choice(KINDS)
    changed = kind(dice, text)
    if isinstance(changed, str):
        if dice.random() < 0.1:
            changed = dice.choice((space_in_tag, attributes_turned, line_ends_turned, declaration_added))(dice, changed)
        changed = changed.encode("utf-8", "surrogatepass")
    return kind.__name__, changed
