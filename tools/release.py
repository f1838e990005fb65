"""Say whether this commit can be released, and how: `make release`, or `make release TAG=yes`."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

BODY = "{{cookiecutter.project_slug}}"
VERSIONS = "tests/versions.txt"
NOTES = "UPDATING.md"


def git(*arguments: str) -> str:
    """Ask git about the repository that this is run in."""
    command = ["git", *arguments]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout


def read(name: str) -> str:
    """Return a file's text, none where it is not there."""
    path = Path(name)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def landed(commit: str) -> set[tuple[str, str]]:
    """List the files that projects of a commit have, each with its example."""
    names = git("ls-tree", "-r", "-z", "--name-only", commit, "--", BODY).split("\0")
    names = [name.partition("/")[2] for name in names if name]
    laid = [name.split("/", 2) for name in names if name.startswith(".examples/")]
    shared = [name for name in names if not name.startswith(".examples/")]
    return {
        (example, name)
        for example in {folder for _, folder, _ in laid} - {"_every"}
        for name in [*shared, *(file for _, of, file in laid if of in {example, "_every"})]
    }


def numbers(version: str) -> tuple[int, ...]:
    """Make versions comparable."""
    return tuple(int(number) for number in version.split("."))


def problems(version: str, headings: list[str], released: dict[str, str]) -> list[str]:
    """Name what stands between this commit and its release, each with what to do."""
    found = []
    if git("status", "--porcelain"):
        found.append("the work tree is not clean: commit or put away what `git status` lists")
    if headings[0] != version:
        found.append(
            f"CHANGELOG.md begins with {headings[0]!r} and cookiecutter.json is {version}: "
            "give both the number of the release"
        )
    cited = re.search(r'^version: "?([^"\n]*)', read("CITATION.cff"), re.MULTILINE)
    if cited is None or cited[1] != version:
        found.append(f"CITATION.cff does not say version: {version}")
    tags = [tag for tag in git("tag", "--list", "v*").split() if re.fullmatch(r"v[\d.]+", tag)]
    if f"v{version}" in tags:
        found.append(f"the tag v{version} is there already: a release is never made twice")
    if newer := [tag for tag in tags if numbers(tag[1:]) > numbers(version)]:
        found.append(f"{version} is older than {', '.join(newer)}")
    earlier = [heading for heading in headings if re.fullmatch(r"[\d.]+", heading)]
    earlier = [heading for heading in earlier if numbers(heading) < numbers(version)]
    if missing := [each for each in earlier if each not in released]:
        found.append(
            f"{VERSIONS} lacks {', '.join(missing)}, so no test updates a project from there: "
            "add the version and its last commit"
        )
    elif earlier:
        found += unexplained(earlier[0], released[earlier[0]], version)
    return found


def unexplained(last: str, commit: str, version: str) -> list[str]:
    """Demand the steps of an update that takes files of projects away."""
    try:
        was = json.loads(git("show", f"{commit}:cookiecutter.json"))["__template_version"]
    except subprocess.CalledProcessError:
        return [f"{commit}, the last commit of {last}, is not here: fetch the whole history"]
    if was != last:
        return [f"{VERSIONS} calls {commit} version {last}, and it is {was}"]
    gone = sorted({name for _, name in landed(commit) - landed("HEAD")})
    heading = f"From {last.rpartition('.')[0]} to {version.rpartition('.')[0]}"
    if not gone or re.search(rf"^#+ {heading}$", read(NOTES), re.MULTILINE):
        return []
    listed = [*gone[:10], *([f"and {len(gone) - 10} more"] if len(gone) > 10 else [])]
    where = f"files of {last} are gone, and {NOTES} lacks a section {heading!r}:"
    return ["\n    ".join([where, *listed])]


def main(tag: bool) -> None:
    """Print what is wrong and end with 1, or print the commands of the release."""
    version = str(json.loads(read("cookiecutter.json"))["__template_version"])
    headings = re.findall(r"^## (.*)$", read("CHANGELOG.md"), re.MULTILINE)
    released = dict(line.split() for line in read(VERSIONS).splitlines())
    if found := problems(version, headings, released):
        sys.exit(
            "\n".join([f"{version} cannot be released yet:", *(f"- {each}" for each in found)])
        )
    steps = [
        f"git tag --annotate v{version} --message='Version {version}'",
        f"git push origin main v{version}",
        f"echo {version} $(git rev-parse --short 'v{version}^{{commit}}') >> {VERSIONS}",
    ]
    print(f"{version} can be released: version, CHANGELOG, citation, updates and notes agree.")
    if tag:
        git(*shlex.split(steps.pop(0))[1:])
        print(f"Tagged v{version}.")
    print("Next:", *steps, sep="\n    ")


if __name__ == "__main__":
    main(tag="TAG=yes" in sys.argv[1:])
