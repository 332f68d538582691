"""SAML messages of every shape: prefixes, places of declarations, quoting, references, CDATA, comments, algorithms.

Everything is drawn from one seed; keys too. The messages are templates: whoever signs fills in digests and values.
"""
import base64
import datetime
import random
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
EC = "http://www.w3.org/2001/10/xml-exc-c14n#"
XS = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_1_1 = "http://www.w3.org/2006/12/xml-c14n11"
ENVELOPED = DS + "enveloped-signature"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENC = "http://www.w3.org/2001/04/xmlenc#"
DIGESTS = {"sha1": DS + "sha1", "sha224": MORE + "sha224", "sha256": ENC + "sha256", "sha384": MORE + "sha384",
           "sha512": ENC + "sha512"}
RSA = {"sha1": DS + "rsa-sha1", **{hash: MORE + "rsa-" + hash for hash in ("sha224", "sha256", "sha384", "sha512")}}
ECDSA = {hash: MORE + "ecdsa-" + hash for hash in ("sha1", "sha224", "sha256", "sha384", "sha512")}
PREFIXES = {SAMLP: ("samlp", "saml2p", "p", "", "ns0"), SAML: ("saml", "saml2", "a", "", "ns1"),
            DS: ("ds", "dsig", "", "ds1"), EC: ("ec", "", "x"), XS: ("xs", "xsd"), XSI: ("xsi",)}
WORDS = ("ada", "Grüße", "naïve", "a&b", "x<y", "q\"uote", "it's", "日本", "🦀", "tab\there", "line\nend", "  spaced  ", "",
         "]]", "arn:aws:iam::123456789012:role/Reader,arn:aws:iam::123456789012:saml-provider/okta", "a\rb", "\u0085\u2028")
KEYS = ("rsa2048", "rsa3072", "rsa1024", "p256", "p384", "p521")


# --- keys ------------------------------------------------------------------------------------------------------

def is_prime(number, dice):
    if any(number % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(12):
        power = pow(dice.randrange(2, number - 1), odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def prime(bits, dice):
    while True:
        number = dice.getrandbits(bits) | (3 << (bits - 2)) | 1
        if number % 65537 != 1 and is_prime(number, dice):
            return number


def rsa_key(bits, dice):
    p, q = prime(bits // 2, dice), prime(bits // 2, dice)
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def make_keys(folder, seed):
    """NAME.key.pem and NAME.cert.pem for each of KEYS and for `attacker`, which nobody should believe."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(f"{seed}-keys")
    signer = rsa_key(2048, dice)
    curves = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}
    for name in (*KEYS, "attacker"):
        if name in curves:
            key = ec.derive_private_key(dice.getrandbits(250) | 1, curves[name])
        else:
            key = rsa_key(int(name[3:]) if name.startswith("rsa") else 2048, dice)
        title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"differential {name}")])
        certificate = (x509.CertificateBuilder().subject_name(title).issuer_name(title).public_key(key.public_key())
                       .serial_number(dice.getrandbits(64) | 1)
                       .not_valid_before(datetime.datetime(2020, 1, 1)).not_valid_after(datetime.datetime(2040, 1, 1))
                       .sign(signer, hashes.SHA256()))
        pem = serialization.Encoding.PEM
        (folder / f"{name}.key.pem").write_bytes(key.private_bytes(
            pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()))
        (folder / f"{name}.cert.pem").write_bytes(certificate.public_bytes(pem))


# --- a document before it is written ------------------------------------------------------------------------------

class Element:
    def __init__(self, namespace, name, attributes=(), children=()):
        self.namespace, self.name = namespace, name
        self.attributes = list(attributes)          # (namespace or None, name, value)
        self.children = list(children)              # Element, Text, Comment
        self.declared = {}                          # prefix -> namespace, beyond what is needed

    def add(self, *children):
        self.children.extend(children)
        return self

    def walk(self):
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()


class Text(str):
    """Character data."""


class Comment(str):
    """A comment's inside."""


class Exact(str):
    """Characters that stand as they are: what is filled in later."""


class Writer:
    """Writes a tree in one of the many ways in which XML writes the same thing."""

    def __init__(self, dice, noise):
        self.dice, self.noise = dice, noise
        self.prefixes = {uri: dice.choice(names) for uri, names in PREFIXES.items()}

    def odd(self, share=0.2):
        return self.dice.random() < share * self.noise

    def space(self):
        return self.dice.choice((" ", "  ", "\n  ", "\t", "\r\n ")) if self.odd() else " "

    def text(self, value):
        if value and self.odd(0.08) and "]]>" not in value and "\r" not in value:
            return f"<![CDATA[{value}]]>"
        return "".join(self.character(c, in_attribute=False) for c in value)

    def character(self, c, in_attribute):
        names = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
        if in_attribute:
            names |= {'"': "&quot;", "'": "&apos;", "\n": "&#10;", "\t": "&#x9;"}
        if c == "\r":
            return "&#xD;"
        if c in names:
            return names[c] if not self.odd() else f"&#{ord(c)};"
        if self.odd(0.01) or (ord(c) > 127 and self.odd(0.1)):
            return self.dice.choice((f"&#{ord(c)};", f"&#x{ord(c):X};", f"&#x{ord(c):x};"))
        return c

    def attribute(self, name, value):
        quote = "'" if self.odd(0.3) else '"'
        equals = self.dice.choice(("=", " = ", "= ")) if self.odd(0.1) else "="
        body = "".join(self.character(c, in_attribute=True) for c in value)
        return f"{name}{equals}{quote}{body}{quote}"

    def prefix(self, uri, scope, needs_one=False):
        """A prefix for a namespace, and whether it has to be declared."""
        held = [prefix for prefix, held in scope.items() if held == uri and (prefix or not needs_one)]
        if held and not self.odd(0.05):
            wanted = self.prefixes.get(uri, "n")
            return (wanted if wanted in held else self.dice.choice(sorted(held))), False
        wanted = self.prefixes.get(uri, "n") if not self.odd(0.1) else self.dice.choice(PREFIXES.get(uri, ("n",)))
        if needs_one and not wanted:
            wanted = f"q{len(scope)}"
        return wanted, scope.get(wanted) != uri or self.odd(0.05)

    def element(self, element, scope):
        scope, declared, used = dict(scope), {}, {}

        def bind(uri, needs_one=False):
            """The prefix for a namespace at this element; it is declared here where it does not hold yet."""
            prefix, is_new = self.prefix(uri, scope, needs_one)
            if is_new and used.get(prefix, uri) != uri:
                prefix = f"k{len(scope)}"
            if is_new:
                declared[prefix] = scope[prefix] = uri
            used[prefix] = uri
            return prefix

        for prefix, uri in element.declared.items():
            declared[prefix] = scope[prefix] = used[prefix] = uri
        name = element.name
        if element.namespace is None:
            used[""] = ""
            if scope.get(""):
                declared[""] = scope[""] = ""
        else:
            prefix = bind(element.namespace)
            name = f"{prefix}:{name}" if prefix else name
        parts = []
        for namespace, local, value in element.attributes:
            if callable(value):
                uri, rest = value()
                value = f"{bind(uri, needs_one=True)}:{rest}"
            if namespace == "xml":
                local = f"xml:{local}"
            elif namespace is not None:
                local = f"{bind(namespace, needs_one=True)}:{local}"
            parts.append(self.attribute(local, value))
        for prefix, uri in declared.items():
            parts.append(self.attribute(f"xmlns:{prefix}" if prefix else "xmlns", uri))
        if self.noise:
            self.dice.shuffle(parts)
        tag = name + "".join(self.space() + part for part in parts)
        tail = self.space() if self.odd() else ""
        if not element.children and not self.odd(0.3):
            return f"<{tag}{tail}/>"
        inside = "".join(self.child(child, scope) for child in element.children)
        close = self.dice.choice((" ", "\n")) if self.odd(0.1) else ""
        return f"<{tag}{tail}>{inside}</{name}{close}>"

    def child(self, child, scope):
        if isinstance(child, Element):
            return self.element(child, scope)
        if isinstance(child, Comment):
            return f"<!--{child}-->"
        if isinstance(child, Exact):
            return str(child)
        return self.text(child)

    def document(self, root):
        head = ""
        if self.odd(0.5):
            head = self.dice.choice(('<?xml version="1.0"?>', "<?xml version='1.0' encoding='UTF-8'?>\n",
                                     '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n'))
        if self.odd(0.1):
            head += "<!-- before -->\n"
        tail = self.dice.choice(("", "\n", "\n<!-- after -->", " \n")) if self.odd(0.5) else ""
        return head + self.element(root, {}) + tail


# --- messages --------------------------------------------------------------------------------------------------

class Messages:
    """One message: a tree with signature templates, and how to sign them (inner first)."""

    def __init__(self, dice, number, noise=1.0):
        self.dice, self.number, self.noise = dice, number, noise
        self.signatures = []                       # (marker, key name), in the order of signing

    def id(self, letter):
        return f"{self.dice.choice(('_', 'id', 'x-', 'é'))}{letter}{self.number}{self.dice.getrandbits(40):x}"

    def word(self):
        return Text(self.dice.choice(WORDS) + str(self.dice.randrange(1000)))

    def odd(self, share):
        return self.dice.random() < share * self.noise

    def between(self, element):
        """White space and comments between the children, as printers make them."""
        if not self.odd(0.5):
            return element
        spaced = []
        for child in element.children:
            spaced += [Text(self.dice.choice(("\n", "\n  ", " ", "\r\n", "\t"))), child]
            if self.odd(0.05):
                spaced.append(Comment(self.dice.choice((" note ", "", "<x>&amp;", " a - b "))))
        element.children = [Text(str(one).replace("\r", "")) if type(one) is Text else one for one in spaced] + [Text("\n")]
        return element

    def canonicalization(self):
        return self.dice.choices(
            (EC, EC + "WithComments", INCLUSIVE, INCLUSIVE + "#WithComments", INCLUSIVE_1_1),
            (12, 1, 2, 1, 1) if self.noise else (1, 0, 0, 0, 0))[0]

    def method(self, name, algorithm):
        method = Element(DS, name, [(None, "Algorithm", algorithm)])
        if algorithm.startswith(EC) and self.odd(0.35):
            prefixes = self.dice.sample(("xs", "xsi", "#default", "saml2", "saml", "samlp", "ds", "absent", "ns1", "a"),
                                        self.dice.randrange(1, 5))
            method.add(Element(EC, "InclusiveNamespaces", [(None, "PrefixList", " ".join(prefixes))]))
        return method

    def signature(self, target, is_root, certificates):
        dice, key = self.dice, self.key
        hash = dice.choice(("sha256", "sha256", "sha256", "sha1", "sha384", "sha512", "sha224"))
        algorithm = (ECDSA if key.startswith("p") else RSA)[hash]
        digest = DIGESTS[dice.choice(("sha256", "sha256", "sha1", "sha384", "sha512", "sha224"))]
        transforms = Element(DS, "Transforms", children=[Element(DS, "Transform", [(None, "Algorithm", ENVELOPED)])])
        if not self.odd(0.08):
            transforms.add(self.method("Transform", self.canonicalization()))
        uri = "" if is_root and self.odd(0.1) else "#" + target
        marker = f"{len(self.signatures)}"
        reference = Element(DS, "Reference", [(None, "URI", uri)], [
            transforms, Element(DS, "DigestMethod", [(None, "Algorithm", digest)]),
            Element(DS, "DigestValue", children=[Exact(f"@DIGEST{marker}@")])])
        info = Element(DS, "SignedInfo", children=[
            self.method("CanonicalizationMethod", self.canonicalization()),
            Element(DS, "SignatureMethod", [(None, "Algorithm", algorithm)]), self.between(reference)])
        signature = Element(DS, "Signature", children=[
            self.between(info), Element(DS, "SignatureValue", children=[Exact(f"@VALUE{marker}@")])])
        if self.odd(0.2):
            signature.attributes.append((None, "Id", self.id("s")))
        if self.odd(0.6):
            shown = dice.choice((key, key, key, "attacker", "rsa2048"))
            signature.add(Element(DS, "KeyInfo", children=[Element(DS, "X509Data", children=[
                Element(DS, "X509Certificate", children=[Exact(certificates[shown])])])]))
        self.signatures.append((marker, key))
        return self.between(signature)

    def attribute_value(self):
        dice = self.dice
        value = Element(SAML, "AttributeValue", children=[self.word()])
        if self.odd(0.6):
            value.attributes.append((XSI, "type", lambda: (XS, dice.choice(("string", "anyType")))))
        if self.odd(0.1):
            value.children.insert(0, Comment("split"))
        if self.odd(0.05):
            value.add(Element(None, "plain", [("xml", "space", "preserve")], [self.word()]))
        if self.odd(0.05):
            value.add(Element("urn:example:other", "Thing", [("urn:example:more", "k", "v"), (None, "b", "1"), (None, "a", "2")],
                              [Element(None, "inner")]))
        return value

    def assertion(self, id):
        dice = self.dice
        name = Element(SAML, "NameID", [(None, "Format", "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified")], [self.word()])
        if self.odd(0.05):
            name.add(Comment("c"), Text("tail"))
        confirmation = Element(SAML, "SubjectConfirmation", [(None, "Method", "urn:oasis:names:tc:SAML:2.0:cm:bearer")], [
            Element(SAML, "SubjectConfirmationData", [(None, "NotOnOrAfter", "2030-01-01T00:05:00.000Z"),
                                                      (None, "Recipient", "https://signin.aws.amazon.com/saml")])])
        statement = Element(SAML, "AttributeStatement", children=[
            Element(SAML, "Attribute", [(None, "Name", f"urn:example:attribute:{n}"),
                                        (None, "NameFormat", "urn:oasis:names:tc:SAML:2.0:attrname-format:uri")],
                    [self.attribute_value() for _ in range(dice.randrange(0, 4))])
            for n in range(dice.randrange(1, 5))])
        assertion = Element(SAML, "Assertion", [(None, "ID", id), (None, "Version", "2.0"),
                                                (None, "IssueInstant", "2030-01-01T00:00:00.000Z")], [
            Element(SAML, "Issuer", children=[Text("http://www.okta.com/exkdifferential")]),
            self.between(Element(SAML, "Subject", children=[name, confirmation])),
            Element(SAML, "Conditions", [(None, "NotBefore", "2029-12-31T23:55:00.000Z"), (None, "NotOnOrAfter", "2030-01-01T00:05:00.000Z")],
                    [Element(SAML, "AudienceRestriction", children=[Element(SAML, "Audience", children=[Text("urn:amazon:webservices")])])]),
            Element(SAML, "AuthnStatement", [(None, "AuthnInstant", "2030-01-01T00:00:00.000Z"), (None, "SessionIndex", "s1")],
                    [Element(SAML, "AuthnContext", children=[Element(SAML, "AuthnContextClassRef", children=[
                        Text("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport")])])]),
            self.between(statement)])
        if self.odd(0.04):
            assertion.children.insert(3, Element(SAML, "Advice", children=[Element(SAML, "AssertionIDRef", children=[Text("_other")])]))
        return assertion

    def decorate(self, root):
        """What holds for whole subtrees: languages, bases, declarations that nobody needs."""
        everything = list(root.walk())
        for _ in range(self.dice.randrange(0, 5) if self.noise else 0):
            element = self.dice.choice(everything)
            kind = self.dice.randrange(4)
            held = {(namespace, name) for namespace, name, _ in element.attributes}
            if kind == 0 and ("xml", "lang") not in held:
                element.attributes.append(("xml", "lang", self.dice.choice(("en", "de", ""))))
            elif kind == 1 and ("xml", "space") not in held:
                element.attributes.append(("xml", "space", self.dice.choice(("preserve", "default"))))
            elif kind == 2:
                prefix = self.dice.choice(("xs", "unused", "xsi", "ns9", "a"))
                element.declared[prefix] = {"xs": XS, "xsi": XSI}.get(prefix, f"urn:example:{self.dice.randrange(3)}")
            elif self.odd(0.3):
                element.attributes.append(("urn:example:deco", "mark", self.word()))
        return root

    def message(self, certificates, root_kind=None):
        dice = self.dice
        self.key = dice.choices(KEYS + ("attacker",), (20, 4, 3, 5, 4, 3, 2))[0]
        kind = root_kind or dice.choices(("response", "assertion", "both", "bare", "none"), (4, 4, 5, 1, 1))[0]
        response_id, assertion_id = self.id("r"), self.id("a")
        assertion = self.assertion(assertion_id)
        if kind == "bare":
            self.decorate(assertion)
            assertion.children.insert(1, self.signature(assertion_id, True, certificates))
            return Writer(dice, self.noise).document(self.between(assertion))
        status = Element(SAMLP, "Status", children=[Element(SAMLP, "StatusCode", [(None, "Value", "urn:oasis:names:tc:SAML:2.0:status:Success")])])
        response = Element(SAMLP, "Response", [(None, "ID", response_id), (None, "Version", "2.0"), (None, "IssueInstant", "2030-01-01T00:00:00.000Z"),
                                               (None, "Destination", "https://signin.aws.amazon.com/saml")], [
            Element(SAML, "Issuer", children=[Text("http://www.okta.com/exkdifferential")]), status, assertion])
        if self.odd(0.04):
            response.children.insert(1, Element(SAMLP, "Extensions", children=[Element("urn:example:other", "Any", children=[self.word()])]))
        self.decorate(response)
        if kind in ("assertion", "both"):
            assertion.children.insert(1, self.signature(assertion_id, False, certificates))
        self.between(assertion)
        if kind in ("response", "both"):
            response.children.insert(1, self.signature(response_id, True, certificates))
        return Writer(dice, self.noise).document(self.between(response))


def certificate_text(path):
    """A certificate's base64 in one line."""
    lines = Path(path).read_text(encoding="ascii").splitlines()
    return "".join(line for line in lines if not line.startswith("-"))


def wrapped(value, dice):
    """Base64 as printers write it."""
    value = "".join(value.split())
    how = dice.randrange(4)
    if how == 0:
        return "\n".join(value[at:at + 76] for at in range(0, len(value), 76))
    if how == 1:
        return "\n" + "\n".join(value[at:at + 64] for at in range(0, len(value), 64)) + "\n  "
    if how == 2:
        return f" {value} "
    return value


__all__ = ["KEYS", "Messages", "base64", "certificate_text", "make_keys", "wrapped"]
