"""Asks outside readers about reports of findings: reports.py SCHEMA FOLDER…

Every file of a folder is a report; its name says the format (`sarif`, `junit`, `gitlab`, `github`, `markdown`,
`json`, `jsonl`, `tap`, `text`), alone or between dashes. SARIF is held against the official schema, JUnit is read by
junitparser and lxml, Markdown by a CommonMark parser with GitHub's tables: whatever a name holds, there may be no
link, image, raw HTML, mention or cell that the program did not write.
"""

import json
import pathlib
import re
import sys

import jsonschema
from junitparser import JUnitXml
from lxml import etree
from markdown_it import MarkdownIt

MARKDOWN = MarkdownIt("gfm-like", {"linkify": True, "html": True})
OWN_HTML = re.compile(r"</?details>|<summary>[0-9]+ (rules?|findings? more|findings) ?(could not be checked|more)?</summary>|<summary>[0-9]+ expectations? more</summary>")
ALLOWED = {
    "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "table_open", "table_close",
    "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close", "th_open", "th_close",
    "td_open", "td_close", "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "html_block",
}
ALLOWED_INLINE = {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
# What GitHub would make more of, outside of code: mentions, references, addresses, commits.
MORE = re.compile(r"@\w|#\d|\bGH-\d|://|\bwww\.|\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b", re.IGNORECASE)


def sarif(text, schema):
    log = json.loads(text)
    errors = sorted(schema.iter_errors(log), key=str)
    assert not errors, errors[:3]
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert re.fullmatch(r"[0-9a-f]{32}", result["partialFingerprints"]["rolecall/v1"])
        for change in (change for fix in result.get("fixes", []) for change in fix["artifactChanges"]):
            for region in (one["deletedRegion"] for one in change["replacements"]):
                assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
        for place in result["locations"] + result.get("relatedLocations", []):
            region = place["physicalLocation"].get("region")
            assert region is None or region["startLine"] >= 1
            if region and "startColumn" in region:
                assert 1 <= region["startColumn"] <= region["endColumn"]


def junit(text, _):
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        for result, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(count)) == len(suite.findall(f"testcase/{result}")), (result, count)
    read = JUnitXml.fromstring(text.encode())
    assert read.tests == len(list(root.iter("testcase")))


def gitlab(text, _):
    issues = json.loads(text)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["description"] and issue["location"]["path"]
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def github(text, _):
    for line in text.splitlines():
        if line.lstrip().startswith("::"):
            assert re.match(r"::(error|warning|notice) ([a-zA-Z]+=[^:,]*,)*title=[^:,]*::", line), line
        else:
            assert "##[" not in line, line


def markdown(text, _):
    width = columns = None
    for token in MARKDOWN.parse(text):
        assert token.type in ALLOWED, (token.type, token.content)
        if token.type == "html_block":
            assert not OWN_HTML.sub("", token.content).strip(), token.content
        if token.type == "tr_open":
            width = 0
        if token.type in ("td_open", "th_open"):
            width += 1
        if token.type == "thead_close":
            columns = width
            assert columns in (4, 5), columns
        if token.type == "tr_close" and columns is not None:
            assert width == columns, width
        if token.type == "table_close":
            columns = None
        for child in token.children or ():
            assert child.type in ALLOWED_INLINE, (child.type, child.content, token.content)
            if child.type == "text":
                assert not MORE.search(child.content), child.content


def lines(text, _):
    for line in text.splitlines():
        json.loads(line)


def tap(text, _):
    version, plan, *rest = text.splitlines()
    assert version == "TAP version 14", version
    tests = [line for line in rest if re.match(r"(not )?ok [0-9]+ - ", line)]
    assert plan == f"1..{len(tests)}", plan
    assert all(line in tests or line.startswith("  ") for line in rest)


READERS = {
    "sarif": sarif, "junit": junit, "gitlab": gitlab, "github": github, "markdown": markdown, "jsonl": lines, "tap": tap,
    "json": lambda text, _: json.loads(text), "text": lambda text, _: None,
}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        official = json.load(file)
    schema = jsonschema.validators.validator_for(official)(official)
    read = dict.fromkeys(READERS, 0)
    wrong = []
    for folder in sys.argv[2:]:
        for path in sorted(pathlib.Path(folder).iterdir()):
            (format,) = {part for part in re.split(r"[-.]", path.name) if part in READERS}
            # Not by universal line ends: a carriage return is no line end of ours.
            text = path.read_bytes().decode("utf-8")
            try:
                READERS[format](text, schema)
            except Exception as error:  # Every reader's own kind of refusal is a finding here.
                wrong.append(f"{path}: {type(error).__name__}: {str(error)[:600]}")
            read[format] += 1
    print("\n".join(wrong[:20]))
    print(", ".join(f"{count} {name}" for name, count in read.items()), f"read; {len(wrong)} refused")
    missing = [name for name, count in read.items() if not count]
    if missing:
        print("no report in", ", ".join(missing))
    sys.exit(bool(wrong or missing))


if __name__ == "__main__":
    main()
