"""What lies in deploy/: linted by tools of others, rendered, and its commands understood by the binary.

Usage: deploy.py STANCE, the command. With `--write` behind it, the actions that the ECS templates add to the policy
SecurityAudit are brought up to date instead.
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import hcl2
import helm_python
import yaml

DEPLOY = pathlib.Path(__file__).parent.parent / "deploy"
PROGRAMS = pathlib.Path(sys.executable).parent


def run(*command: str | pathlib.Path) -> None:
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 0, f"{command}:\n{told.stdout}{told.stderr}"


def documents(path: pathlib.Path) -> list[dict]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def understands(stance: str, arguments: list[str]) -> None:
    """The binary knows the arguments; `--help` keeps it from doing anything."""
    told = subprocess.run([stance, *arguments, "--help"], capture_output=True, text=True)
    assert told.returncode == 0 and "Usage:" in told.stdout, f"{arguments}: {told.stderr}"


def rendered(values: dict) -> list[dict]:
    """What the chart makes of those values, by Helm itself as a library."""
    chart = helm_python.Chart.load(DEPLOY / "helm/stance")
    texts = chart.render(values=values, name="audit", namespace="security").items()
    texts = [text for path, text in texts if path.endswith(".yaml")]
    return [document for text in texts for document in yaml.safe_load_all(text) if document]


def charts() -> list[dict]:
    """The chart with all that it has; what it refuses; what holds for every pod that it makes."""
    server = {"enabled": True, "database": {"existingSecret": "db"}, "ingress": {"enabled": True}}
    config = "aws:\n  accounts: [{ id: 012345678901 }]\n"
    everything = rendered({"agent": {"config": config}, "server": server})
    kinds = sorted(document["kind"] for document in everything)
    assert kinds == sorted([
        "ServiceAccount", "ConfigMap", "PersistentVolumeClaim", "Deployment", "NetworkPolicy",
        "ServiceAccount", "Deployment", "Service", "PodDisruptionBudget", "Ingress", "NetworkPolicy",
    ]), kinds
    [map] = [document for document in everything if document["kind"] == "ConfigMap"]
    assert map["data"]["local.yaml"] == config, map
    for refused in ({}, {"agent": {"config": config}, "server": {"enabled": True}}, {"agnet": {}},
                    {"agent": {"config": config}, "image": {"digest": "latest"}}):
        try:
            rendered(refused)
        except helm_python.HelmError:
            continue
        raise AssertionError(f"{refused} should be refused")
    for document in everything:
        if document["kind"] != "Deployment":
            continue
        pod = document["spec"]["template"]
        # policies, services and the deployment itself find the pod
        for label in document["spec"]["selector"]["matchLabels"].items():
            assert label in pod["metadata"]["labels"].items(), label
        assert pod["spec"]["securityContext"]["runAsNonRoot"], pod
        assert pod["spec"]["automountServiceAccountToken"] is False, pod
        for container in pod["spec"]["containers"]:
            closed = container["securityContext"]
            assert closed["readOnlyRootFilesystem"] and closed["capabilities"] == {"drop": ["ALL"]}, closed
    return everything


def container_arguments(charted: list[dict]) -> list[list[str]]:
    found = []
    applied = [d for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")) for d in documents(path)]
    for document in applied + charted:
        if document["kind"] != "Deployment":
            continue
        for container in document["spec"]["template"]["spec"]["containers"]:
            found.append(container["args"])
            for probe in ("livenessProbe", "readinessProbe"):
                command = container.get(probe, {}).get("exec", {}).get("command")
                found += [command[1:]] if command else []
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    found.append(services["stance"]["command"])
    for line in (DEPLOY / "Dockerfile").read_text().splitlines():
        words = line.split("CMD ", 1)
        if len(words) == 2:
            command = yaml.safe_load(words[1])
            found.append(command[1:] if command[0].startswith("/") else command)
    for unit in sorted((DEPLOY / "systemd").glob("*.service")):
        [started] = [line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
        found.append(shlex.split(started.removeprefix("ExecStart="))[1:])
    return found


ADDITIONAL = DEPLOY / "ecs/additional-policy.json"
TEMPLATE = DEPLOY / "ecs/cloudformation.yaml"
ACTIONS = re.compile(r"(Action: # begin of the actions\n)(.*?)( *# end of the actions\n)", re.DOTALL)


def additional(stance: str) -> tuple[str, str]:
    """What a scan asks for beyond SecurityAudit: the policy, and the template with it."""
    told = subprocess.run([stance, "permissions", "aws", "--managed"], capture_output=True, text=True, check=True)
    policy = json.loads(told.stdout)
    actions = sorted({action for statement in policy["Statement"] for action in statement["Action"]})
    lines = "".join(f"                  - {action}\n" for action in actions)
    text, found = ACTIONS.subn(lambda part: part[1] + lines + part[3], TEMPLATE.read_text())
    assert found == 1, found
    return json.dumps(policy, indent=2) + "\n", text


def container(task: dict, name: str) -> dict:
    [found] = [it for it in task["ContainerDefinitions"] if it["Name"] == name]
    return found


class Template(yaml.SafeLoader):
    """Reads CloudFormation's short forms as what stands behind them."""


Template.add_multi_constructor("!", lambda loader, _, node: (
    loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else loader.construct_sequence(node, deep=True)
))


def templates(stance: str) -> list[list[str]]:
    """The agent on ECS by CloudFormation and Terraform; its commands."""
    run(PROGRAMS / "cfn-lint", TEMPLATE)
    policy, text = additional(stance)
    stale = "the additional actions are out of date: run tests/deploy.py STANCE --write"
    assert ADDITIONAL.read_text() == policy and TEMPLATE.read_text() == text, stale
    # AWS takes so much of inline policies for one role
    assert len("".join(policy.split())) < 9_000, len(policy)
    resources = yaml.load(text, Template)["Resources"]
    agent = container(resources["Task"]["Properties"], "agent")
    assert agent["ReadonlyRootFilesystem"] and agent["User"] == "65532:65532", agent
    assert "PortMappings" not in agent and "SecurityGroupIngress" not in resources["AgentSecurityGroup"]["Properties"]
    read = [hcl2.loads(path.read_text()) for path in sorted((DEPLOY / "ecs/terraform").glob("*.tf"))]
    declared = {name.strip('"') for part in read for block in part.get("variable", []) for name in block}
    main = (DEPLOY / "ecs/terraform/main.tf").read_text()
    assert set(re.findall(r"\bvar\.(\w+)", main)) == declared, declared
    return [agent["Command"], agent["HealthCheck"]["Command"][2:]]


def main(stance: str, *options: str) -> int:
    if options == ("--write",):
        policy, text = additional(stance)
        ADDITIONAL.write_text(policy)
        TEMPLATE.write_text(text)
        return 0
    run(PROGRAMS / "hadolint", DEPLOY / "Dockerfile")
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        run(PROGRAMS / "kubernetes-validate", "--strict", path)
    # the overlay changes what is there
    [overlay] = documents(DEPLOY / "kubernetes/gke/kustomization.yaml")
    agent = documents(DEPLOY / "kubernetes/cspm-agent.yaml")
    for patch in overlay["patches"]:
        target = (patch["target"]["kind"], patch["target"]["name"])
        assert target in [(it["kind"], it["metadata"]["name"]) for it in agent], target
    charted = charts()
    with tempfile.TemporaryDirectory() as folder:
        for number, document in enumerate(charted):
            path = pathlib.Path(folder) / f"{number}.yaml"
            path.write_text(yaml.safe_dump(document))
            run(PROGRAMS / "kubernetes-validate", "--strict", path)
    arguments = container_arguments(charted) + templates(stance)
    assert len(arguments) >= 12, arguments
    for each in arguments:
        understands(stance, each)
    print(f"{len(arguments)} commands of deploy/ are understood")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
