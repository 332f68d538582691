"""A dump of role trust: generate.py FOLDER [ACCOUNTS [ROLES]], one `get-account-authorization-details` file an account.

Policies as the AWS CLI writes them, indented; most trust one provider, some other doors and conditions, and one in
five hundred has a mistake of its own.
"""
import json
import os
import sys

folder, accounts, roles = sys.argv[1], int((sys.argv[2:] or ["2000"])[0]), int((sys.argv[3:] or ["20"])[0])
NAMES = ["Admin", "ReadOnly", "Developer", "Operator", "SecurityAudit", "Billing", "NetOps", "Data", "Support", "Release"]


def policy(account, number):
    saml = {"Effect": "Allow", "Principal": {"Federated": f"arn:aws:iam::{account}:saml-provider/OKTA"}, "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}}
    statements = [saml]
    kind = (int(account) // 1000 * 7 + number * 13) % 500
    if kind % 10 == 1:
        statements.append({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    if kind % 10 == 2:
        statements = [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}]
    if kind % 10 == 3:
        saml["Action"] = ["sts:AssumeRoleWithSAML", "sts:TagSession"]
        saml["Condition"]["StringLike"] = {"aws:RequestTag/team": "*"}
    if kind == 7:
        saml["Condition"]["StringEquals"]["SAML:aud"] = f"https://signin.aws.amazon.com/saml?{account}-{number}"
    return {"Version": "2012-10-17", "Statement": statements}


os.makedirs(folder, exist_ok=True)
for at in range(accounts):
    account = f"{100_000_000_000 + at * 1009 * 1000 + at % 1000:012}"
    details = []
    for number in range(roles):
        name = NAMES[number % len(NAMES)] + ("" if number < len(NAMES) else str(number))
        details.append({"Path": "/", "RoleName": name, "RoleId": f"AROA{at:08}{number:08}", "Arn": f"arn:aws:iam::{account}:role/{name}",
                        "CreateDate": "2025-03-05T08:30:00+00:00", "AssumeRolePolicyDocument": policy(account, number), "InstanceProfileList": [],
                        "RolePolicyList": [], "AttachedManagedPolicies": [{"PolicyName": "ViewOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"}],
                        "Tags": [], "MaxSessionDuration": 3600 if number % 3 else 43200})
    with open(f"{folder}/{account}-authorization-details.json", "w", encoding="utf-8") as file:
        json.dump({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": details, "Policies": [], "IsTruncated": False}, file, indent=4)
