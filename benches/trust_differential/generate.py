"""Random trust policies and requests for them, one JSON object a line: generate.py COUNT SEED > cases.jsonl

The form is that of fixtures/trust/cases.jsonl without `expected`. The same count and seed give the same bytes.
"""
import json
import random
import sys

ACCOUNT = "418203975566"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/Saltmarsh"
AUDIENCE = "https://signin.aws.amazon.com/saml"
ACTIONS = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]

STRINGS = ["saml:aud", "saml:sub", "saml:sub_type", "saml:iss", "saml:doc", "sts:RoleSessionName", "sts:SourceIdentity", "aws:RequestTag/team", "x:text", "x:empty"]
SETS = ["aws:TagKeys", "sts:TransitiveTagKeys", "saml:edupersonaffiliation"]
NUMBERS, DATES, FLAGS, ADDRESSES, ARNS, BLOBS = ["x:level", "x:depth"], ["aws:CurrentTime", "aws:EpochTime"], ["aws:SecureTransport", "x:flag"], ["aws:SourceIp"], ["aws:SourceArn", "x:arn"], ["x:blob"]
NEVER = ["aws:username", "x:absent", "aws:PrincipalTag/team"]

WORDS = ["nora", "Nora", "nora@saltmarsh.test", "omar@saltmarsh.test", "team-red", "persistent", "a.b", "a+b", "ab", "a(b", "x*y", "x?y", "$", "tide pool", "Straße", "日本", "${saml:sub}", "418203975566/Saltmarsh", AUDIENCE, "https://eu-west-1.signin.aws.amazon.com/saml", "http://www.okta.com/exk1saltmarsh"]
MEMBERS = ["team", "cost", "Team", "env", "stage", "member", "staff", ""]
DECIMALS = ["0", "1", "2", "7", "10", "-3", "2.5", "2.50", "007", "9007199254740993", "9007199254740992", "1e1"]
NOT_DECIMALS = ["ten", "7x", "", "1_0", "0x10"]
MOMENTS = ["2026-03-05T08:30:00Z", "2026-03-05T10:30:00+02:00", "2026-03-05T08:30:00.000Z", "1772699400", "2026-03-05", "2026-03", "2026", "2026-12-31T23:59:59Z", "2025-01-01T00:00:00Z", "2026-03-05T08:30Z", "0", "1900000000"]
NOT_MOMENTS = ["soon", "2026-13-01", "2026-02-30", "2026-03-05T08:30:00", "March 5, 2026", "2026/03/05", ""]
TRUTHS = ["true", "false", "True", "FALSE"]
NOT_TRUTHS = ["yes", "1", "0", ""]
HOSTS = ["192.0.2.17", "192.0.2.18", "198.51.100.9", "2001:db8::17", "2001:DB8:0:0:0:0:0:17", "::1", "10.0.0.1"]
RANGES = ["192.0.2.0/24", "192.0.2.17", "192.0.2.17/32", "192.0.2.16/31", "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "198.51.100.0/25", "2001:db8::/32", "2001:db8::17", "2001:DB8::0017", "::/0", "2001:db8::/127", "10.0.0.0/8"]
NOT_RANGES = ["192.0.2.0/33", "192.0.2", "192.0.2.0/", "localhost", "2001:db8::/129", "192.0.2.*", ""]
NAMES = ["arn:aws:iam::418203975566:role/Ops", "arn:aws:iam::418203975566:role/team/Ops", "arn:aws:iam::907733112244:role/Ops", "arn:aws:sns:eu-west-1:418203975566:tide:sub", "arn:aws-cn:iam::418203975566:role/Ops"]
NAME_PATTERNS = NAMES + ["arn:aws:iam::418203975566:role/*", "arn:aws:iam::*:role/Ops", "arn:*:iam::418203975566:role/Ops", "arn:aws:iam::418203975566:role/O?s", "arn:aws:sns:*:418203975566:*", "arn:aws:iam:*:role/Ops", "arn:aws:iam::${x:account}:role/Ops", "arn:aws:iam::${aws:username, '418203975566'}:role/*", "arn:aws:iam::418203975566:role/${x:text}", "arn:aws:*:*:*:*", "*", "arn:aws:iam::41820397556?:role/Ops", "ARN:aws:iam::418203975566:role/Ops", "arn:aws:iam::418203975566:*", "arn:aws:iam::418203975566:role/${*}"]
NOT_NAMES = ["role/Ops", "arn:aws:iam", ""]
BLOB_VALUES = ["QmluYXJ5", "dGlkZQ==", "AAA=", "AAAA", "dGlkZQ"]

PATTERNS = ["*", "?", "nora*", "*@saltmarsh.test", "n?ra@saltmarsh.test", "*.amazonaws.com", "https://*.signin.aws.amazon.com/saml", "https://*signin.aws.amazon.com/saml", "a.?", "a*b", "a**b", "x${*}y", "x${?}y", "${$}", "${$}{saml:sub}", "**", "*ar*", "a+?", "tide?pool", "Stra?e", "??", "x*y"]
VARIABLES = ["${saml:sub}", "${SAML:sub}", "${saml:sub}@saltmarsh.test", "${aws:RequestTag/team}", "${aws:RequestTag/team, 'team-red'}", "${aws:username}", "${aws:username, 'nora'}", "${aws:username, 'x*y'}", "${x:absent,'nora'}", "${aws:username, \"nora\"}", "${aws:TagKeys}", "${aws:TagKeys, 'team'}", "team-${x:text}", "${saml:doc}", "${x:empty}", "${x:empty, 'nora'}", "${", "${}", "$saml:sub", "${saml:sub", "${ saml:sub }", "*${saml:sub}*", "${saml:iss}?"]

POSITIVE = {"String": ["StringEquals", "StringEqualsIgnoreCase", "StringLike"], "Numeric": ["NumericEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"], "Date": ["DateEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"], "Bool": ["Bool"], "Binary": ["BinaryEquals"], "Ip": ["IpAddress"], "Arn": ["ArnEquals", "ArnLike"]}
NEGATIVE = {"String": ["StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike"], "Numeric": ["NumericNotEquals"], "Date": ["DateNotEquals"], "Bool": [], "Binary": [], "Ip": ["NotIpAddress"], "Arn": ["ArnNotEquals", "ArnNotLike"]}
KINDS = ["String"] * 8 + ["Numeric", "Date", "Date", "Bool", "Ip", "Ip", "Arn", "Arn", "Binary", "Null", "Null"]


class Case:
    def __init__(self, seed, number):
        self.r = random.Random(f"{seed}/{number}")
        self.odd = self.r.random() < 0.15           # may hold what IAM would refuse to store

    def chance(self, share):
        return self.r.random() < share

    def pick(self, *pools):
        return self.r.choice([value for pool in pools for value in pool])

    def spelled(self, name):
        """A name whose case does not count, sometimes in another case."""
        return self.r.choice([name.upper(), name.lower(), name.swapcase()]) if self.chance(0.08) else name

    def context(self):
        found = {"saml:aud": AUDIENCE if self.chance(0.6) else self.pick(WORDS)}
        for key in STRINGS[1:-1]:
            if self.chance(0.6):
                found[key] = self.pick(WORDS)
        if self.chance(0.3):
            found["x:empty"] = ""
        if self.chance(0.5):
            found["x:account"] = ACCOUNT
        for key in SETS:
            if self.chance(0.6):
                found[key] = self.r.sample(MEMBERS, self.r.randint(0, 3)) if self.chance(0.85) else self.pick(MEMBERS)
        for keys, values, wrong in [(NUMBERS, DECIMALS, NOT_DECIMALS), (DATES, MOMENTS, NOT_MOMENTS), (FLAGS, TRUTHS, NOT_TRUTHS), (ADDRESSES, HOSTS, NOT_RANGES[:4]), (ARNS, NAMES, NOT_NAMES), (BLOBS, BLOB_VALUES[:4], ["not base64!"])]:
            for key in keys:
                if self.chance(0.75):
                    found[key] = self.pick(wrong) if self.chance(0.06) else self.pick(values)
        return {self.spelled(key): value for key, value in found.items()}

    def value(self, kind, key, context):
        r = self.r
        lower = {name.lower(): value for name, value in context.items()}
        presented = lower.get(key.lower())
        if isinstance(presented, list):
            presented = r.choice(presented) if presented else None
        refused = self.odd and self.chance(0.2)
        if kind == "String":
            if presented is not None and self.chance(0.5):
                return r.choice([presented, presented, presented, presented.upper(), presented + "*", "?" + presented[1:], presented[: len(presented) // 2] + "*"])
            return self.pick(WORDS, PATTERNS, VARIABLES, MEMBERS[:-1])
        pools = {"Numeric": (DECIMALS, NOT_DECIMALS), "Date": (MOMENTS, NOT_MOMENTS), "Bool": (TRUTHS, NOT_TRUTHS), "Ip": (RANGES, NOT_RANGES), "Arn": (NAME_PATTERNS, NOT_NAMES), "Binary": (BLOB_VALUES[:4], BLOB_VALUES[4:])}
        if presented is not None and self.chance(0.3) and not refused:
            return presented
        value = self.pick(pools[kind][1 if refused else 0])
        if kind == "Numeric" and self.chance(0.2) and value.isdigit() and (value == "0" or value[0] != "0"):
            return int(value)
        if kind == "Bool" and self.chance(0.3) and value in ("true", "false"):
            return value == "true"
        return value

    def condition(self, context):
        r = self.r
        kind = r.choice(KINDS)
        keys = {"Numeric": NUMBERS, "Date": DATES, "Bool": FLAGS, "Ip": ADDRESSES, "Arn": ARNS, "Binary": BLOBS}.get(kind, STRINGS + SETS)
        key = self.pick(NEVER) if self.chance(0.1) else self.pick(STRINGS, SETS, NUMBERS, DATES) if self.chance(0.04) else r.choice(keys)
        if kind == "Null":
            operator, values = "Null", ["true" if self.chance(0.5) else "false"]
            if self.chance(0.1):
                values = r.sample(["true", "false", True, False, "TRUE"], 2)
            if self.chance(0.1):
                operator = r.choice(["ForAllValues:", "ForAnyValue:"]) + operator
        else:
            negative = NEGATIVE[kind] and self.chance(0.35)
            operator = r.choice(NEGATIVE[kind] if negative else POSITIVE[kind])
            if self.chance(0.15):
                operator += "IfExists"
            if self.chance(0.8 if key in SETS else 0.08):
                operator = r.choice(["ForAllValues:", "ForAnyValue:"]) + operator
            values = [self.value(kind, key, context) for _ in range(r.choice([1, 1, 1, 2, 3]))]
        if self.odd and self.chance(0.04):
            operator = r.choice(["StringMatches", "NullIfExists", "StringEquals ", "ForSomeValues:StringLike", "IfExists"])
        if self.chance(0.01):
            values = []
        single = values[0] if len(values) == 1 and self.chance(0.6) else values
        return self.spelled(operator), self.spelled(key), single

    def statement(self, context, number):
        r = self.r
        statement = {}
        if self.chance(0.3):
            statement["Sid"] = f"S{number}"
        statement["Effect"] = "Allow" if self.chance(0.75) else "Deny"
        if self.odd and self.chance(0.03):
            statement["Effect"] = r.choice(["allow", "DENY", "Permit"])
        actions = r.choice([[ACTIONS[0]]] * 4 + [ACTIONS] * 6 + [["sts:*"]] * 3 + [ ["sts:*"], ["*"], ["sts:AssumeRole*"], ["STS:assumerolewithsaml"], ["sts:AssumeRole"], ["sts:AssumeRoleWith????"], ["sts:Tag*", "sts:Set*"], ["sts:TagSession"], ["sts:AssumeRoleWithSAML", "sts:TagSession"], ["sts:?*"]])
        if self.odd and self.chance(0.05):
            actions = [r.choice(["sts.AssumeRoleWithSAML", "AssumeRoleWithSAML", "sts:", "s*:AssumeRoleWithSAML", "sts:Assume RoleWithSAML", ""])]
        element = "NotAction" if self.chance(0.05) else "Action"
        statement[element] = actions[0] if len(actions) == 1 and self.chance(0.7) else actions
        other = r.choice([f"arn:aws:iam::{ACCOUNT}:saml-provider/saltmarsh", f"arn:aws:iam::907733112244:saml-provider/Saltmarsh", f"arn:aws:iam::{ACCOUNT}:saml-provider/Other"])
        principal = r.choice([{"Federated": PROVIDER}] * 60 + [{"Federated": [PROVIDER, other]}] * 2 + [{"Federated": other}, {"Federated": other}, "*", {"AWS": "*"}, {"AWS": [PROVIDER]}, {"AWS": ACCOUNT}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"Service": "ec2.amazonaws.com"}, {"AWS": "907733112244", "Federated": [PROVIDER]}, {"Federated": "cognito-identity.amazonaws.com"}, {"Service": PROVIDER}])
        if self.odd and self.chance(0.05):
            principal = r.choice([{"Federated": "*"}, {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/*"}, PROVIDER, {"federated": PROVIDER}, {"SAML": PROVIDER}, {}])
        statement["NotPrincipal" if self.odd and self.chance(0.04) else "Principal"] = principal
        if self.odd and self.chance(0.04):
            statement["Resource"] = r.choice(["*", f"arn:aws:iam::{ACCOUNT}:role/Ops"])
        conditions = {}
        for _ in range(r.choice([0, 1, 1, 1, 2, 2, 3])):
            operator, key, values = self.condition(context)
            conditions.setdefault(operator, {})[key] = values
        if conditions or self.chance(0.1):
            statement["Condition"] = conditions
        return statement

    def policy(self, context):
        r = self.r
        statements = [self.statement(context, number) for number in range(r.choice([1, 1, 1, 2, 2, 3]))]
        document = {}
        version = r.choice(["2012-10-17"] * 6 + ["2008-10-17", None])
        if self.odd and self.chance(0.03):
            version = r.choice(["2012-10-18", "", "2020-01-01"])
        if version is not None:
            document["Version"] = version
        if self.chance(0.1):
            document["Id"] = "tide"
        document["Statement"] = statements[0] if len(statements) == 1 and self.chance(0.5) else statements
        return document


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    for number in range(count):
        case = Case(seed, number)
        context = case.context()
        actions = case.r.choice([ACTIONS[:1]] * 5 + [ACTIONS[:2], ACTIONS, [ACTIONS[0], ACTIONS[2]]])
        principal = PROVIDER if case.chance(0.95) else f"arn:aws:iam::{ACCOUNT}:saml-provider/Other"
        line = {"id": number, "trust_policy": case.policy(context), "request": {"principal": principal, "actions": actions, "context": context}}
        print(json.dumps(line, ensure_ascii=False))


main()
