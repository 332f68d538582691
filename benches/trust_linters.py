#!/usr/bin/env python3
"""What cfn-lint, checkov, parliament and cloudsplaining say of the eight policies in fixtures/trust/eight.

Run from the root of the repository; makes a virtual environment below target/ where there is none.
Each linter gets a policy in the form that it reads: cfn-lint and checkov a CloudFormation template with one
role, parliament and cloudsplaining the document. Prints a Markdown table.
"""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

VERSIONS = {
    "cfn-lint": "1.58.0",
    "checkov": "3.3.30",
    "parliament": "1.6.4",
    "cloudsplaining": "0.7.0",
}
VENV = Path("target/trust-linters")


def tool(name):
    return str(VENV / "bin" / name)


def run(args, text=None):
    return subprocess.run(args, input=text, capture_output=True, text=True, check=False, timeout=300)


def template(policy, folder):
    """A template with a role of this trust policy that has nothing else to find."""
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": policy},
    }
    path = folder / "template.json"
    path.write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Role": role}}))
    return path


def cfn_lint(policy, folder):
    ran = run([tool("cfn-lint"), "--format", "json", str(template(policy, folder))])
    return [f"{found['Rule']['Id']}: {found['Message']}" for found in json.loads(ran.stdout or "[]")]


def checkov(policy, folder):
    path = template(policy, folder)
    ran = run([tool("checkov"), "--quiet", "--compact", "-o", "json", "--framework", "cloudformation", "-f", str(path)])
    report = json.loads(ran.stdout)
    failed = report.get("results", {}).get("failed_checks", []) if isinstance(report, dict) else []
    return [f"{found['check_id']}: {found['check_name']}" for found in failed]


def parliament(policy, _folder):
    ran = run([tool("parliament"), "--json"], json.dumps(policy))
    found = [json.loads(line) for line in ran.stdout.splitlines() if line.strip()]
    return [f"{one['issue']}: {one['detail']}" for one in found]


def cloudsplaining(policy, folder):
    path = folder / "policy.json"
    path.write_text(json.dumps(policy))
    ran = run([tool("cloudsplaining"), "scan-policy-file", "--input-file", str(path)])
    lines = [line.strip() for line in (ran.stdout + ran.stderr).splitlines() if line.strip()]
    return [] if any("no results" in line.lower() for line in lines) else lines[:1]


LINTERS = [cfn_lint, checkov, parliament, cloudsplaining]


def main():
    if not VENV.exists():
        venv.create(VENV, with_pip=True)
    wanted = [f"{name}=={version}" for name, version in VERSIONS.items()]
    subprocess.run([tool("pip"), "install", "--quiet", "--disable-pip-version-check", *wanted], check=True)
    policies = sorted(Path("fixtures/trust/eight").glob("*.json"))
    print("| policy |", " | ".join(VERSIONS), "|")
    print("|---|" + "---|" * len(LINTERS))
    for path in policies:
        policy = json.loads(path.read_text())
        cells = []
        for linter in LINTERS:
            with tempfile.TemporaryDirectory() as folder:
                said = linter(policy, Path(folder))
            cells.append("<br>".join(said) or "nothing")
        print(f"| {path.stem} |", " | ".join(cells), "|")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
