"""Decides random cases with rolecall and with iam-simulate, and explains every difference.

compare.py ROLECALL PACKAGE CASES REPORT

A difference is taken apart: every principal, action list and condition of its policy is asked alone, and a part
that the two decide differently is held against the named faults below, each with a test of its own. Then each
such part is replaced by one that both must decide as rolecall decided it; the rival has to agree with rolecall
on what is left. A difference whose parts have no name, or that stays, is unexplained, and the exit code is 1.
"""
import collections
import copy
import ipaddress
import json
import re
import subprocess
import sys
import time

ROLECALL, PACKAGE, CASES, REPORT = sys.argv[1:5]
RUN = __file__.replace("compare.py", "run.mjs")
GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"


def answers(command, cases):
    text = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)
    ran = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if ran.returncode != 0:
        sys.exit(f"{command[0]} ended with {ran.returncode}: {ran.stderr.decode(errors='replace')[-800:]}")
    return {answer["id"]: answer for answer in map(json.loads, ran.stdout.decode().splitlines())}


def decide(cases):
    if not cases:
        return {}
    ours, theirs = answers([ROLECALL, "trust", "decide", "--cases", "-"], cases), answers(["node", RUN, PACKAGE], cases)
    return {case["id"]: (ours[case["id"]]["decision"], theirs[case["id"]]["decision"], theirs[case["id"]].get("because", "")) for case in cases}


# What IAM would refuse to store, read here once more from its documentation.

BASES = {"stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase", "stringlike", "stringnotlike", "bool", "binaryequals", "ipaddress", "notipaddress", "arnequals", "arnlike", "arnnotequals", "arnnotlike", "null"}
BASES |= {kind + order for kind in ("numeric", "date") for order in ("equals", "notequals", "lessthan", "lessthanequals", "greaterthan", "greaterthanequals")}


class Operator:
    def __init__(self, name):
        lower = name.lower()
        self.set, _, rest = lower.rpartition(":")
        self.if_exists = rest.endswith("ifexists")
        self.base = rest.removesuffix("ifexists")
        self.known = self.base in BASES and self.set in ("", "forallvalues", "foranyvalue") and not (self.base == "null" and self.if_exists)
        self.negated = "not" in self.base


def texts(values):
    many = values if isinstance(values, list) else [values]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in many]


def is_number(text):
    return re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text) is not None


def is_plain_number(text):
    """One that a 64-bit float holds and JavaScript's parseInt or parseFloat reads as it is written."""
    return re.fullmatch(r"-?(0|[1-9]\d{0,14})(\.\d+)?", text) is not None


DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[-+]\d\d:?\d\d)?)?)?)?")


def is_date(text):
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return True
    found = DATE.fullmatch(text)
    if not found:
        return False
    month, day = int(found[2] or 1), int(found[3] or 1)
    longest = 29 if month == 2 and int(found[1]) % 4 == 0 else 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
    return 1 <= month <= 12 and 1 <= day <= longest


def is_range(text):
    try:
        ipaddress.ip_network(text, strict=False)
        return re.fullmatch(r"[0-9a-fA-F.:]+(/\d{1,3})?", text) is not None
    except ValueError:
        return False


def outside_braces(text):
    return re.sub(r"\$\{[^}]*\}", "", text)


def refused_value(operator, text):
    if operator.base.startswith("numeric"):
        return not is_number(text)
    if operator.base.startswith("date"):
        return not is_date(text)
    if operator.base in ("ipaddress", "notipaddress"):
        return not is_range(text)
    if operator.base.startswith("arn"):
        return outside_braces(text).count(":") < 5
    if operator.base == "binaryequals":
        return len(text) % 4 != 0 or re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text) is None
    return False


def refused_action(text):
    return text != "*" and re.fullmatch(r"[A-Za-z0-9-]+:[A-Za-z0-9*?_.-]+", text) is None


def refused_principal(principal):
    if isinstance(principal, str):
        return principal != "*"
    for kind, names in principal.items():
        for name in names if isinstance(names, list) else [names]:
            if kind not in ("AWS", "Federated", "Service", "CanonicalUser") or (re.search(r"[*?]", name) and (kind, name) != ("AWS", "*")):
                return True
    return False


def statements(policy):
    return policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]


def refused(policy):
    """Why IAM would not store a document, or nothing."""
    if policy.get("Version", "2012-10-17") not in ("2012-10-17", "2008-10-17"):
        return "Version"
    for statement in statements(policy):
        if statement["Effect"] not in ("Allow", "Deny"):
            return "Effect"
        for element in ("Resource", "NotPrincipal"):
            if element in statement:
                return element
        actions = statement.get("Action", statement.get("NotAction"))
        if any(map(refused_action, actions if isinstance(actions, list) else [actions])):
            return "Action"
        if refused_principal(statement["Principal"]):
            return "Principal"
        for name, keys in statement.get("Condition", {}).items():
            operator = Operator(name)
            if not operator.known:
                return "operator"
            if any(refused_value(operator, text) for values in keys.values() for text in texts(values)):
                return "value"
    return None


# The named faults of the rival: (name, what the documentation says, page, test of one condition).

class Atom:
    def __init__(self, probe):
        self.policy, context = probe["trust_policy"], probe["request"]["context"]
        statement = statements(self.policy)[-1]
        [(self.name, keys)] = statement["Condition"].items()
        [(key, values)] = keys.items()
        self.operator, self.values = Operator(self.name), texts(values)
        self.context = {name.lower(): value for name, value in context.items()}
        self.presented = self.context.get(key.lower())
        self.members = self.presented if isinstance(self.presented, list) else [] if self.presented is None else [self.presented]
        self.variables = self.policy.get("Version") == "2012-10-17"

    def names(self):
        """Variables in the values: name and whether a default stands behind it."""
        found = [match for value in self.values for match in re.findall(r"\$\{([^}]*)\}", value)]
        return [(name.split(", '")[0].strip().lower(), re.search(r", '[^']*'$", name) is not None) for name in found if name not in ("*", "?", "$")]

    def is_text(self):
        return self.operator.base.startswith(("string", "arn"))

    def any(self, pattern):
        return any(re.search(pattern, value) for value in self.values)


def unresolved(atom):
    return [name for name, default in atom.names() if not default and not isinstance(atom.context.get(name), str)]


FAULTS = [
    ("a variable is filled in under Version 2008-10-17, which has none", "reference_policies_variables.html", lambda a: a.is_text() and not a.variables and a.any(r"\$\{")),
    ("an ARN is cut at the colon inside a variable", "reference_policies_variables.html", lambda a: a.operator.base.startswith("arn") and a.variables and a.any(r"\$\{[^}]*:[^}]*\}")),
    ("the first part of an ARN, `arn`, is not compared", "reference_policies_elements_condition_operators.html#Conditions_ARN", lambda a: a.operator.base.startswith("arn") and any(not value.startswith("arn:") for value in a.values)),
    ("a negated operator does not hold where a variable has no value", "reference_policies_variables.html#policy-vars-no-value", lambda a: a.is_text() and a.variables and a.operator.negated and unresolved(a)),
    ("an escape such as `${$}` is not undone for an operator without wildcards", "reference_policies_variables.html#policy-vars-specialchars", lambda a: a.is_text() and a.variables and "like" not in a.operator.base and a.any(r"\$\{[*?$]\}")),
    ("an empty value of a key is taken for no value, in a variable", "reference_policies_variables.html", lambda a: a.is_text() and a.variables and any(a.context.get(name) == "" for name, _ in a.names())),
    ("the default of a variable stands in for a multivalued key", "reference_policies_variables.html", lambda a: a.is_text() and a.variables and any(default and isinstance(a.context.get(name), list) for name, default in a.names())),
    ("an IPv4 range with /0 is one with /32", "reference_policies_elements_condition_operators.html#Conditions_IPAddress", lambda a: "ipaddress" in a.operator.base and a.any(r"^[0-9.]+/0$")),
    ("IPv6 addresses are compared as texts", "reference_policies_elements_condition_operators.html#Conditions_IPAddress", lambda a: "ipaddress" in a.operator.base and a.any(":") and any(":" in member for member in a.members)),
    ("NotIpAddress does not hold for an address of the other family", "reference_policies_elements_condition_operators.html#Conditions_IPAddress", lambda a: a.operator.base == "notipaddress" and any((":" in value) != (":" in member) for value in a.values for member in a.members)),
    ("seconds since 1970 are taken for milliseconds", "reference_policies_elements_condition_operators.html#Conditions_Date", lambda a: a.operator.base.startswith("date") and any(re.fullmatch(r"-?\d+", text) for text in a.values + a.members)),
    ("a number is read up to its first odd character, or rounded to 53 bits", "reference_policies_elements_condition_operators.html#Conditions_Numeric", lambda a: a.operator.base.startswith("numeric") and any(is_number(text) and not is_plain_number(text) for text in a.values + a.members)),
    ("a set of nothing but empty values is not the empty set", "reference_policies_condition-single-vs-multi-valued-context-keys.html", lambda a: a.operator.set and a.operator.base != "null" and a.presented is not None and not any(a.members)),
    ("IfExists counts for nothing beside ForAnyValue", "reference_policies_elements_condition_operators.html#Conditions_IfExists", lambda a: a.operator.set == "foranyvalue" and a.operator.if_exists and a.presented is None),
    ("a set operator before Null, which makes it always true or always false, is passed over", "access-analyzer-reference-policy-checks.html", lambda a: a.operator.base == "null" and a.operator.set),
    ("a presented value that is none of its operator's kind is compared all the same", "reference_policies_elements_condition_operators.html", lambda a: any(incomparable(a.operator, member) for member in a.members)),
]


def incomparable(operator, text):
    """A presented value that is none of the operator's kind."""
    if operator.base.startswith("numeric"):
        return not is_number(text)
    if operator.base.startswith("date"):
        return not is_date(text)
    if "ipaddress" in operator.base:
        return not is_range(text) or "/" in text
    if operator.base.startswith("arn"):
        return text.count(":") < 5
    if operator.base == "bool":
        return text.lower() not in ("true", "false")
    return operator.base == "binaryequals" and re.fullmatch(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", text) is None


def fault_of_condition(probe):
    atom = Atom(probe)
    if not atom.operator.known:
        return "IAM would not store it: there is no such operator", None
    for name, page, test in FAULTS:
        if test(atom):
            return name, page
    if any(refused_value(atom.operator, value) for value in atom.values):
        return "IAM would not store it: a value is none of its operator's kind", None
    return None, None


def fault_of_principal(principal, asks):
    if refused_principal(principal):
        return "IAM would not store it: no such principal", None
    if isinstance(principal, str):
        return None, None
    kinds = {name: kind for kind, names in principal.items() for name in (names if isinstance(names, list) else [names])}
    if kinds.get(asks) in ("AWS", "Service"):
        return "a SAML provider is accepted under AWS or Service", "reference_policies_elements_principal.html"
    account = asks.split(":")[4]
    if kinds.get(account) == "AWS" or kinds.get(f"arn:aws:iam::{account}:root") == "AWS":
        return "a SAML provider is taken for a user of its account", "reference_policies_elements_principal.html"
    return None, None


def fault_of_actions(actions):
    if any(map(refused_action, actions)):
        return "IAM would not store it: a malformed action", None
    return None, None


# Taking a case apart.

def document(case, statement, effect):
    before = [{"Effect": "Allow", "Principal": {"Federated": case["request"]["principal"]}, "Action": "sts:*"}] if effect == "Deny" else []
    policy = {"Version": case["trust_policy"]["Version"]} if "Version" in case["trust_policy"] else {}
    return policy | {"Statement": [*before, {"Effect": effect} | statement]}


def probes(case):
    """Every part of a policy alone: (place, part, probe)."""
    asks = {"Federated": case["request"]["principal"]}
    for number, statement in enumerate(statements(case["trust_policy"])):
        effect = statement["Effect"].capitalize() if statement["Effect"].capitalize() in ("Allow", "Deny") else "Deny"
        element = "Action" if "Action" in statement else "NotAction"
        who = "Principal" if "Principal" in statement else "NotPrincipal"
        for at, action in enumerate(case["request"]["actions"]):
            yield (number, element, at), document(case, {"Principal": asks, element: statement[element]}, effect), [action]
        yield (number, who, None), document(case, {who: statement[who], "Action": "sts:*"}, effect), case["request"]["actions"]
        for operator, keys in statement.get("Condition", {}).items():
            for key, values in keys.items():
                yield (number, operator, key), document(case, {"Principal": asks, "Action": "sts:*", "Condition": {operator: {key: values}}}, effect), case["request"]["actions"]


def fault_of(place, probe):
    statement = statements(probe["trust_policy"])[-1]
    if place[1] in ("Action", "NotAction"):
        actions = statement[place[1]]
        return fault_of_actions(actions if isinstance(actions, list) else [actions])
    if place[1] == "NotPrincipal":
        return "IAM would not store it: NotPrincipal", None
    if place[1] == "Principal":
        return fault_of_principal(statement["Principal"], probe["request"]["principal"])
    return fault_of_condition(probe)


def replace(policy, place, holds, asked, asks):
    """Puts in place of a part one that every evaluator decides alike."""
    number, part, detail = place
    statement = statements(policy)[number]
    if part in ("Action", "NotAction"):
        statement.pop(part)
        statement["Action"] = [action for action, covered in zip(asked, holds) if covered] or ["sts:AssumeRole"]
    elif part in ("Principal", "NotPrincipal"):
        statement.pop(part)
        statement["Principal"] = {"Federated": asks if holds else "arn:aws:iam::000000000000:saml-provider/Nobody"}
    else:
        del statement["Condition"][part][detail]
        if not statement["Condition"][part]:
            del statement["Condition"][part]
        statement["Condition"].setdefault("Null", {})["x:never-" + str(len(statement["Condition"].get("Null", {})))] = "true" if holds else "false"


def main():
    begun = time.monotonic()
    with open(CASES, encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    found = decide(cases)
    tally = collections.Counter(ours for ours, _, _ in found.values())
    different = [case for case in cases if found[case["id"]][0] != found[case["id"]][1]]
    broken = {case["id"] for case in cases if refused(case["trust_policy"])}

    asked, places = [], {}
    for case in different:
        for place, policy, actions in probes(case):
            probe = {"id": len(asked), "trust_policy": policy, "request": case["request"] | {"actions": actions}}
            places[probe["id"]] = (case["id"], place)
            asked.append(probe)
    parts = decide(asked)
    reasons, unnamed, mended = collections.defaultdict(set), collections.defaultdict(list), {}
    for case in different:
        mended[case["id"]] = copy.deepcopy(case)
    actions_of = collections.defaultdict(dict)
    for probe in asked:
        case_id, place = places[probe["id"]]
        ours, theirs, _ = parts[probe["id"]]
        effect = statements(probe["trust_policy"])[-1]["Effect"]
        holds = ours == ("deny" if effect == "Deny" else "allow")
        if place[1] in ("Action", "NotAction"):
            actions_of[case_id, place[:2]][place[2]] = (holds, ours != theirs, place, probe)
            continue
        if ours == theirs:
            continue
        name, page = fault_of(place, probe)
        (reasons[case_id].add((name, page)) if name else unnamed[case_id].append((place, probe, ours, theirs)))
        case = mended[case_id]
        replace(case["trust_policy"], place, holds, None, case["request"]["principal"])
    for (case_id, place), each in actions_of.items():
        if not any(differs for _, differs, _, _ in each.values()):
            continue
        holds = [each[at][0] for at in sorted(each)]
        place, probe = next((place, probe) for _, differs, place, probe in each.values() if differs)
        name, page = fault_of(place, probe)
        (reasons[case_id].add((name, page)) if name else unnamed[case_id].append((place, probe, *parts[probe["id"]][:2])))
        case = mended[case_id]
        replace(case["trust_policy"], (place[0], place[1], None), holds, case["request"]["actions"], case["request"]["principal"])
    again = decide(list(mended.values()))

    faults, samples, unexplained = collections.Counter(), {}, []
    for case in different:
        ours, theirs, because = found[case["id"]]
        after = again[case["id"]]
        settled = after[0] == after[1] == ours and not unnamed[case["id"]] and reasons[case["id"]]
        closed = case["id"] in broken and ours != "allow"
        if settled:
            names = reasons[case["id"]]
        elif closed:
            names = {("IAM would not store the document, and nothing of it is relied on here", None)}
        else:
            unexplained.append((case, ours, theirs, because, after, unnamed[case["id"]]))
            continue
        for name, page in names:
            faults[name] += 1
            samples.setdefault(name, {"page": page and GUIDE + page, "rolecall": ours, "rival": theirs, "case": case})
    report = {"cases": len(cases), "decisions": dict(sorted(tally.items())), "refused_by_iam": len(broken), "different": len(different), "unexplained": len(unexplained),
              "faults": [{"fault": name, "cases": count} | samples[name] for name, count in faults.most_common()]}
    with open(REPORT, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1, ensure_ascii=False)
        file.write("\n")
    print(f"{len(cases):,} cases ({', '.join(f'{word} {count:,}' for word, count in sorted(tally.items()))}; {len(broken):,} that IAM would not store)")
    print(f"{len(different):,} differ, {len(unexplained):,} unexplained, {time.monotonic() - begun:.0f} s")
    for name, count in faults.most_common():
        print(f"{count:>6}  {name}")
    for case, ours, theirs, because, after, parts_without in unexplained[:12]:
        print(f"\nUNEXPLAINED {case['id']}: rolecall {ours}, rival {theirs} {because}; with its parts replaced {after[:2]}")
        for place, probe, one, other in parts_without[:3]:
            shown = {"statement": statements(probe["trust_policy"])[-1], "version": probe["trust_policy"].get("Version")}
            keys = {key: value for key, value in case["request"]["context"].items() if place[2] and str(key).lower() == str(place[2]).lower()}
            print(f"  {place}: rolecall {one}, rival {other}: {json.dumps(shown, ensure_ascii=False)} presented {json.dumps(keys, ensure_ascii=False)}")
        if not parts_without:
            print("  " + json.dumps(case, ensure_ascii=False)[:1500])
    sys.exit(bool(unexplained))


main()
