"""Applies what `stance onboard` prints, in every combination, and reads and scans with what was made.

Usage: onboard.py STANCE. Starts a mock AWS of its own. For each scope, access and set of permissions:
- the templates pass cfn-lint without error or warning, the Terraform is read by an HCL parser, bash reads the script;
- CloudFormation and the script, where both are applied, make the same roles and users with the same policies, and those are
  the policies for doing it by hand, and those of the Terraform;
- whoever is trusted comes in, others do not; reads are allowed, writes are not; a scan with the role is never denied.

What the mock cannot do, and is checked by its text alone: the stack set and the secret within a CloudFormation
template (the script makes both), AWS's own policies of a template's role, an account's root as a principal, and a
condition on the organization.
"""

import ast
import contextlib
import itertools
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
import botocore.session
import hcl2
from botocore.config import Config
from botocore.exceptions import ClientError
from cfnlint import decode
from cfnlint.api import lint
from cfnlint.config import ManualArgs

ACCOUNT = "123456789012"
REGION = "us-east-1"
MEMBER_ROLE, ROOT_ROLE, USER = "cloudbeat-securityaudit", "cloudbeat-root", "stance"
PRINCIPAL = f"arn:aws:iam::{ACCOUNT}:user/connector"
EXTERNAL_ID = "an-external-id"
ADMINISTRATOR = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
# those that are made with a boundary
BOUNDED = ("account-role", "managed")
# those that are scanned too, which takes longer than the rest together
SCANNED = {("instance-role", "least-privilege"), ("instance-role", "managed"), ("cloud-connector", "least-privilege")}
COMBINATIONS = list(itertools.product(
    ["account", "organization"], ["instance-role", "account-role", "direct-keys", "cloud-connector"],
    ["least-privilege", "managed"]))


class Mock:
    """A mock AWS on a free port, which lets everybody do everything unless it is told to look at policies."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.server = subprocess.Popen(
            [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(self.port)],
            env={**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            assert self.server.poll() is None, "moto_server ended at once"
            time.sleep(0.1)
        raise AssertionError("moto_server did not answer within a minute")

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()

    def post(self, path, body=b""):
        request = urllib.request.Request(f"{self.url}/moto-api/{path}", data=body, headers={"Content-Type": "text/plain"})
        urllib.request.urlopen(request).close()

    @contextlib.contextmanager
    def looking_at_policies(self):
        self.post("reset-auth", b"0")
        try:
            yield
        finally:
            self.post("reset-auth", b"inf")

    def client(self, service, credentials=ADMINISTRATOR):
        return boto3.client(service, region_name=REGION, endpoint_url=self.url, **credentials,
                            config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))


def run(arguments, **more):
    done = subprocess.run(arguments, capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{arguments} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment(mock, folder, credentials=ADMINISTRATOR):
    """What the AWS tools and Stance are to use, and nothing of the machine's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    names = {name.upper(): value for name, value in credentials.items()}
    return {**kept, **names, "AWS_ENDPOINT_URL": mock.url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(folder / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
            "PATH": f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def onboard(stance, folder, scope, access, permissions, root="r-ab12"):
    arguments = [stance, "onboard", "aws", "--access", access, "--output", str(folder)]
    if scope == "organization":
        arguments += ["--organization", "--ou", root]
    if permissions == "managed":
        arguments += ["--managed"]
    if (access, permissions) == BOUNDED:
        arguments += ["--permissions-boundary", "edge"]
    if access == "cloud-connector":
        arguments += ["--principal", PRINCIPAL, "--external-id", EXTERNAL_ID]
    run(arguments)


# the texts

def check_template(text, name):
    assert len(text.encode()) <= 51_200, f"{name} is too long to be passed inline"
    problems = lint(text, config=ManualArgs(regions=[REGION, "us-gov-west-1", "cn-north-1"]))
    assert not problems, f"{name}: {problems}"
    template, problems = decode.decode_str(text)
    assert not problems, problems
    return template


def members_template(template):
    """The text that the stack set applies, as CloudFormation would fill it in."""
    argument = template["Resources"]["Members"]["Properties"]["TemplateBody"]["Fn::Sub"]
    text, values = argument if isinstance(argument, list) else (argument, {})
    for name, value in values.items():
        between, find = value["Fn::Join"]
        _, part, actions = find["Fn::FindInMap"]
        text = text.replace(f"${{{name}}}", between.join(template["Mappings"]["Reads"][part][actions]))
    assert not re.search(r"\$\{[^!]", text), text
    return text.replace("${!", "${")


def terraform_documents(folder):
    """The policies of the Terraform, by the kind of their resource, with what is known filled in."""
    main = hcl2.loads((folder / "terraform/main.tf").read_text())
    local = main["locals"][0]
    reads = [[action.strip('"') for action in part] for part in local.get("read_actions", [])]
    defaults = {name.strip('"'): str(of.get("default", "")).strip('"')
                for variable in main["variable"] for name, of in variable.items()}
    known = {"local.partition": "aws", "local.account": ACCOUNT, "local.suffix": "amazonaws.com",
             **{f"var.{name}": value for name, value in defaults.items()}}
    documents = []
    for resource in main["resource"]:
        for kind, labels in resource.items():
            for of in labels.values():
                for name in ("assume_role_policy", "policy"):
                    if name in of:
                        documents.append((kind.strip('"'), name, of[name]))
    told = {}
    for kind, name, text in documents:
        text = re.fullmatch(r"\$\{jsonencode\((.*)\)\}", text, re.S)[1]
        text = re.sub(r'([{,]\s*)("[^"]*"|\w+) = ', lambda match: f'{match[1]}"{match[2].strip(chr(34))}": ', text)
        for variable, value in known.items():
            text = text.replace(f"${{{variable}}}", value).replace(f": {variable},", f': "{value}",') \
                .replace(f": {variable}}}", f': "{value}"}}')
        for number, part in enumerate(reads if "local.read_actions" in text else [None]):
            filled = text.replace("local.read_actions[count.index]", json.dumps(part))
            told[kind, name, number] = json.loads(filled.replace("$${", "${"))
    return told


def check_texts(folder, scope):
    template = check_template((folder / "stance.yaml").read_text(), folder / "stance.yaml")
    if scope == "organization":
        text = (folder / "terraform/member-role.yaml").read_text()
        beside = check_template(text, "member-role.yaml")
        within = check_template(members_template(template), "the stack set's template")
        assert within == beside, "the stack set's template is another than Terraform's"
    run(["bash", "-n", folder / "stance.sh"])
    by_hand = {file.name: json.loads(file.read_text()) for file in (folder / "policies").iterdir()}
    by_hand = json.loads(re.sub("(MANAGEMENT_)?ACCOUNT_ID", ACCOUNT, json.dumps(by_hand)))
    of_terraform = list(terraform_documents(folder).values())
    member = {f"{MEMBER_ROLE}-trust.json"} if scope == "organization" else set()
    for name, document in by_hand.items():
        if scope == "organization" and (name in member or name.startswith(f"{MEMBER_ROLE}-reads")):
            continue  # in Terraform's template of members
        assert document in of_terraform, f"{name} is not in the Terraform: {document}"
        of_terraform.remove(document)
    assert not of_terraform, of_terraform
    return by_hand


# what is made

def made(mock, credentials=ADMINISTRATOR):
    """The roles and users with all that belongs to them, of one account."""
    iam = mock.client("iam", credentials)
    told = {}
    for kind in ("role", "user"):
        for one in iam.get_paginator(f"list_{kind}s").paginate().build_full_result()[f"{kind.title()}s"]:
            name = one[f"{kind.title()}Name"]
            if name in ("OrganizationAccountAccessRole", "connector") or one["Path"].startswith("/aws-service-role"):
                continue
            of = {f"{kind.title()}Name": name}
            call = lambda operation, **more: getattr(iam, operation)(**of, **more)  # noqa: E731
            inline = {policy: call(f"get_{kind}_policy", PolicyName=policy)["PolicyDocument"]
                      for policy in call(f"list_{kind}_policies")["PolicyNames"]}
            attached = {}
            for policy in call(f"list_attached_{kind}_policies")["AttachedPolicies"]:
                arn = policy["PolicyArn"]
                if ":aws:policy/" in arn:
                    attached[arn] = None
                    continue
                version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
                document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
                attached[policy["PolicyName"]] = document
            profiles = [profile["InstanceProfileName"] for profile in
                        iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"]] if kind == "role" else []
            keys = len(iam.list_access_keys(UserName=name)["AccessKeyMetadata"]) if kind == "user" else 0
            boundary = call(f"get_{kind}")[kind.title()].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
            told[kind, name] = {"boundary": boundary.rpartition("/")[2], "trust": one.get("AssumeRolePolicyDocument"), "inline": inline, "attached": attached,
                                "profiles": profiles, "keys": keys}
    return told


def check_made(identities, by_hand, access, permissions):
    """What was made is what is to be pasted by hand."""
    told = {}
    for (_, name), of in identities.items():
        if of["trust"]:
            told[f"{name}-trust.json"] = of["trust"]
        for document in of["inline"].values():
            told[f"{name}-inline.json"] = document
        own = {policy: document for policy, document in of["attached"].items() if document}
        told.update({f"{policy.replace(f'{name}-', f'{name}-reads-')}.json": document for policy, document in own.items()})
        managed = ["arn:aws:iam::aws:policy/SecurityAudit"] if permissions == "managed" and own else []
        assert [policy for policy, document in of["attached"].items() if not document] == managed, of["attached"]
        first = access == "instance-role" and any("Service" in statement["Principal"] for statement in
                                                  (of["trust"] or {"Statement": []})["Statement"])
        assert of["profiles"] == ([name] if first else []), of["profiles"]
        assert of["boundary"] == ("edge" if (access, permissions) == BOUNDED else ""), of["boundary"]
    for name in told.keys() | by_hand.keys():
        assert told.get(name) == by_hand.get(name), f"{name} was made as {told.get(name)}, by hand {by_hand.get(name)}"
    if access == "cloud-connector":
        first = [document for document in told.values() if PRINCIPAL in json.dumps(document)]
        assert len(first) == 1 and all(
            statement["Condition"] == {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
            for statement in first[0]["Statement"])


def mend(mock, text, credentials=ADMINISTRATOR):
    """Makes what the mock leaves out of roles and users that a template makes: AWS's own policies, and policies within
    them, which it leaves out of users, and writes as Python does for roles."""
    iam = mock.client("iam", credentials)
    template = decode.decode_str(text)[0]
    for resource in template["Resources"].values():
        kind, properties = resource["Type"].rpartition(":")[2], resource["Properties"]
        if kind not in ("Role", "User"):
            continue
        of = {f"{kind}Name": template["Parameters"][properties[f"{kind}Name"]["Ref"]]["Default"]}
        for arn in properties.get("ManagedPolicyArns", []):
            attach = getattr(iam, f"attach_{kind.lower()}_policy")
            attach(**of, PolicyArn=arn["Fn::Sub"].replace("${AWS::Partition}", "aws"))
        for policy in properties.get("Policies", []):
            named = {**of, "PolicyName": policy["PolicyName"]}
            if kind == "Role":
                document = json.dumps(ast.literal_eval(iam.get_role_policy(**named)["PolicyDocument"]))
                iam.put_role_policy(**named, PolicyDocument=document)
            else:
                document = re.sub(r'\{"Fn::Sub": ("[^"]*")\}', r"\1", json.dumps(policy["PolicyDocument"]))
                known = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "RootRoleName": ROOT_ROLE}
                document = re.sub(r"\$\{([\w:]+)\}", lambda name: known[name[1]], document)
                iam.put_user_policy(**named, PolicyDocument=document)


def apply_template(mock, text, credentials=ADMINISTRATOR, **parameters):
    formation = mock.client("cloudformation", credentials)
    formation.create_stack(
        StackName="stance", TemplateBody=text, Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()])
    stack = formation.describe_stacks(StackName="stance")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    mend(mock, text, credentials)
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def assume(mock, arn, credentials=ADMINISTRATOR, **more):
    got = mock.client("sts", credentials).assume_role(RoleArn=arn, RoleSessionName="test", **more)["Credentials"]
    return {"aws_access_key_id": got["AccessKeyId"], "aws_secret_access_key": got["SecretAccessKey"],
            "aws_session_token": got["SessionToken"]}


def refused(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        # the mock answers services of JSON in XML, so that there is no better code
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, error
        return
    raise AssertionError(f"{call} was allowed")


def check_reads_only(mock, credentials):
    """The identity may read what rules read, and write nothing."""
    with mock.looking_at_policies():
        mock.client("ec2", credentials).describe_regions()
        mock.client("iam", credentials).get_account_summary()
        mock.client("cloudtrail", credentials).describe_trails()
        refused(mock.client("iam", credentials).create_user, UserName="intruder")
        refused(mock.client("sqs", credentials).create_queue, QueueName="intruder")
        refused(mock.client("secretsmanager", credentials).get_secret_value, SecretId="stance-access-key")
        refused(mock.client("ec2", credentials).create_vpc, CidrBlock="10.0.0.0/16")


def scan(stance, mock, folder, credentials=ADMINISTRATOR, *flags):
    """A scan with those credentials, or with a profile of the folder's configuration; the report."""
    done = subprocess.run([stance, "scan", "aws", "--region", REGION, "--format", "json", "--max-rate", "1000", *flags],
                          env=environment(mock, folder, credentials), capture_output=True, text=True)
    assert done.returncode in (0, 3, 4), done.stderr
    return json.loads(done.stdout)


def denied(report):
    """The operations that a scan was not allowed, as far as the mock knows: what an operation of a REST service is
    called, and so whether it is allowed, it finds out only after it has refused it, and so with CloudWatch's protocol."""
    found = set()
    values = [report]
    while values:
        value = values.pop()
        if isinstance(value, dict) and "operation" in value and re.search("403|Denied|Unauthorized", str(value.get("code"))):
            found.add(value["operation"])
        values += value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    models = botocore.session.get_session()
    known = lambda service: service in ("s3", "iam") or service != "cloudwatch" and not \
        models.get_service_model(service).metadata["protocol"].startswith("rest")  # noqa: E731
    return sorted(operation for operation in found if known(operation.partition(":")[0]))


def ways(access, permissions):
    """How a combination is applied: by the script, whose every call starts the AWS CLI anew, only where it tells more."""
    scripted = permissions == "least-privilege" or (access, permissions) == BOUNDED
    return ["template", "script"] if scripted else ["template"]


def try_account(stance, mock, folder, access, permissions):
    by_hand = check_texts(folder, "account")
    states = []
    for way in ways(access, permissions):
        mock.post("reset")
        administrator = mock.client("iam")
        administrator.create_user(UserName="connector")
        administrator.attach_user_policy(UserName="connector", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        key = administrator.create_access_key(UserName="connector")["AccessKey"]
        connector = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        if way == "template":
            apply_template(mock, (folder / "stance.yaml").read_text())
        else:
            run(["bash", folder / "stance.sh"], env=environment(mock, folder))
        states.append(made(mock))
        check_made(states[-1], by_hand, access, permissions)
        arn = f"arn:aws:iam::{ACCOUNT}:role/{MEMBER_ROLE}"
        if access == "direct-keys":
            if way == "template":
                continue  # the mock makes no secret of a template
            secret = mock.client("secretsmanager").get_secret_value(SecretId=f"{USER}-access-key")["SecretString"]
            secret = json.loads(secret)
            credentials = {"aws_access_key_id": secret["AccessKeyId"],
                           "aws_secret_access_key": secret["SecretAccessKey"]}
        elif access == "cloud-connector":
            with mock.looking_at_policies():
                refused(lambda: assume(mock, arn, connector, ExternalId="another"))
                credentials = assume(mock, arn, connector, ExternalId=EXTERNAL_ID)
        else:
            credentials = assume(mock, arn)
        check_reads_only(mock, credentials)
    assert states[0] == states[-1], "the template and the script make different things"
    if (access, permissions) not in SCANNED:
        return
    flags = []
    if access == "cloud-connector":
        # as the printed steps say
        (folder / "credentials").write_text(
            f"[default]\naws_access_key_id = {connector['aws_access_key_id']}\n"
            f"aws_secret_access_key = {connector['aws_secret_access_key']}\n")
        (folder / "config").write_text(
            f"[profile stance]\nrole_arn = {arn}\nsource_profile = default\nexternal_id = {EXTERNAL_ID}\n")
        credentials, flags = {}, ["--profile", "stance"]
    with mock.looking_at_policies():
        report = scan(stance, mock, folder, credentials, *flags)
    read = [listing for listing in report["runs"][0]["listings"] if listing["state"] == "read"]
    print(f"  scan as {report['runs'][0]['identity']}: {len(report['findings'])} findings, {len(read)} listings read")
    assert len(read) > 50 and not denied(report), denied(report)


def try_organization(stance, mock, folder, access, permissions):
    states = []
    for way in ways(access, permissions):
        mock.post("reset")
        organizations = mock.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        root = organizations.list_roots()["Roots"][0]["Id"]
        member = organizations.create_account(AccountName="member", Email="member@example.com")
        member = member["CreateAccountStatus"]["AccountId"]
        # the mock's stack sets do not leave the management account out, which stands in the root
        unit = organizations.create_organizational_unit(ParentId=root, Name="read")["OrganizationalUnit"]["Id"]
        organizations.move_account(AccountId=member, SourceParentId=root, DestinationParentId=unit)
        onboard(stance, folder, "organization", access, permissions, unit)
        by_hand = check_texts(folder, "organization")
        administrator = assume(mock, f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole")
        if way == "template":
            outputs = apply_template(mock, (folder / "stance.yaml").read_text())
            assert outputs["RootRoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/{ROOT_ROLE}", outputs
            # the mock knows no stack set within a template
            apply_template(mock, (folder / "terraform/member-role.yaml").read_text(), administrator,
                           ManagementAccountId=ACCOUNT)
        else:
            run(["bash", folder / "stance.sh"], env=environment(mock, folder))
            formation = mock.client("cloudformation")
            of = formation.describe_stack_set(StackSetName="stance-members")["StackSet"]
            assert of["PermissionModel"] == "SERVICE_MANAGED", of
            instances = formation.list_stack_instances(StackSetName="stance-members")["Summaries"]
            text = (folder / "terraform/member-role.yaml").read_text()
            mend(mock, text)
            mend(mock, text, administrator)
            assert [(one["Account"], one["Region"]) for one in instances] == [(member, REGION)], instances
        states.append((made(mock), made(mock, administrator)))
        check_made(states[-1][0], by_hand, access, permissions)
        assert states[-1][0]["role", MEMBER_ROLE] == states[-1][1]["role", MEMBER_ROLE]
        arn = f"arn:aws:iam::{ACCOUNT}:role/{ROOT_ROLE}"
        first = assume(mock, arn, ExternalId=EXTERNAL_ID)
        with mock.looking_at_policies():
            mock.client("organizations", first).list_accounts()
            refused(mock.client("organizations", first).create_organizational_unit, ParentId=root, Name="intruder")
            refused(mock.client("iam", first).list_users)
        for account in (ACCOUNT, member):
            check_reads_only(mock, assume(mock, f"arn:aws:iam::{account}:role/{MEMBER_ROLE}", first))
    assert states[0] == states[-1], "the template and the script make different things"


def check_seeded_faults(stance, mock, folder):
    """The checks find what is wrong."""
    text = (folder / "stance.yaml").read_text()
    for fault in (text.replace("AssumeRolePolicyDocument", "AssumeRolePolicy"), text.replace("!Ref RoleName", "!Ref Rolename")):
        assert lint(fault, config=ManualArgs(regions=[REGION])), "cfn-lint did not find the fault"
    with_less = folder / "less"
    run([stance, "onboard", "aws", "--service", "s3", "--output", str(with_less)])
    mock.post("reset")
    apply_template(mock, (with_less / "stance.yaml").read_text())
    with_less = assume(mock, f"arn:aws:iam::{ACCOUNT}:role/{MEMBER_ROLE}")
    with mock.looking_at_policies():
        assert denied(scan(stance, mock, folder, with_less, "--service", "iam,kms")), "nothing was denied"
    try:
        hcl2.loads((folder / "terraform/main.tf").read_text().replace("}", "", 1))
    except Exception:  # whatever the parser calls it
        return
    raise AssertionError("the HCL parser did not find the fault")


# Applied in every run of the tests, which have half an hour; `--all` applies every combination.
APPLIED = [('account', 'instance-role', 'least-privilege'), ('account', 'cloud-connector', 'managed')]


def main():
    stance, *flags = sys.argv[1:]
    stance = str(pathlib.Path(stance).resolve())
    with Mock() as mock, tempfile.TemporaryDirectory() as folder:
        for scope, access, permissions in COMBINATIONS:
            print(f"{scope}, {access}, {permissions}", flush=True)
            here = pathlib.Path(folder, f"{scope}-{access}-{permissions}")
            if "--all" not in flags and (scope, access, permissions) not in APPLIED:
                onboard(stance, here, scope, access, permissions)
            elif scope == "account":
                onboard(stance, here, scope, access, permissions)
                try_account(stance, mock, here, access, permissions)
            else:
                try_organization(stance, mock, here, access, permissions)
        check_seeded_faults(stance, mock, pathlib.Path(folder, "account-instance-role-least-privilege"))
    print(f"{len(COMBINATIONS)} combinations")


if __name__ == "__main__":
    main()
