"""What lies in deploy/: linted by tools of others, and its commands understood by the binary.

Usage: deploy.py STANCE, the command.
"""

import pathlib
import shlex
import subprocess
import sys

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


def container_arguments() -> list[list[str]]:
    found = []
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        for document in documents(path):
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


def main(stance: str) -> int:
    run(PROGRAMS / "hadolint", DEPLOY / "Dockerfile")
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        run(PROGRAMS / "kubernetes-validate", "--strict", path)
    # the overlay changes what is there
    [overlay] = documents(DEPLOY / "kubernetes/gke/kustomization.yaml")
    agent = documents(DEPLOY / "kubernetes/cspm-agent.yaml")
    for patch in overlay["patches"]:
        target = (patch["target"]["kind"], patch["target"]["name"])
        assert target in [(it["kind"], it["metadata"]["name"]) for it in agent], target
    arguments = container_arguments()
    assert len(arguments) >= 7, arguments
    for each in arguments:
        understands(stance, each)
    print(f"{len(arguments)} commands of deploy/ are understood")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
