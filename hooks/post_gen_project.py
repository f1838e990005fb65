"""Put the chosen example in place, begin the log and the git history; nothing else.

A hook that fails makes Cookiecutter delete the project, so whatever git refuses ends in a sentence
with the command to run, never in an error.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

COMMIT = 'git add --all && git commit -m "First commit"'
BEGIN = f"git init -b main && {COMMIT}"
# Uncompressed and without tidying up, for speed. And no ignore file of the user's: one that says
# `data/` would leave the raw data out, of which the project's own ignore file decides.
SETTINGS = (
    *("-c", "core.compression=0", "-c", "core.looseCompression=0", "-c", "maintenance.auto=false"),
    *("-c", "core.excludesFile=", "-c", "init.defaultBranch=main"),
)
UNFINISHED = "<!-- This page is there until the hook has run. -->"


def read_answers() -> dict[str, str]:
    """Read the answers from a string that nothing in them gets out of."""
    answers: dict[str, str] = json.loads(r"""{{ cookiecutter | tojson }}""")
    return answers


def place_example(
    project: Path, example: str, package: str, *, keep_existing: bool = False
) -> None:
    """Move what every project gets and one example to where they belong; remove the others.

    The package's folder has its name, or still the template's, which begins with a brace.
    """
    readme = project / "README.md"
    if readme.is_file() and readme.read_bytes().startswith(UNFINISHED.encode()):
        readme.unlink()
    examples = project / ".examples"
    for source in (examples / "_every", examples / example):
        for folder in [*source.glob("src/{*"), *source.rglob("__pycache__")]:
            if folder.name == "__pycache__":
                remove(folder)
            else:
                folder.rename(folder.with_name(package))
        if source.exists():
            move(source, project, keep_existing=keep_existing)
    remove(examples)


def move(source: Path, target: Path, *, keep_existing: bool) -> None:
    """Move a file over what may be there, or a folder into it."""
    if target.is_dir() and source.is_dir():
        for child in list(source.iterdir()):
            move(child, target / child.name, keep_existing=keep_existing)
    elif not (keep_existing and (target.exists() or target.is_symlink())):
        if target.is_file() and not target.is_symlink():
            target.chmod(0o644)  # raw data may be read-only, and Windows replaces no such file
        source.replace(target)


def remove(folder: Path) -> None:
    """Delete a folder with what is in it."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            Path(place, name).unlink()
        Path(place).rmdir()


def begin_log(project: Path, version: str, example: str) -> None:
    """Append the log's first line, in the format of the project's own logging."""
    time = datetime.now().astimezone().isoformat(timespec="seconds")
    origin = f"created from Cookiecutter MLOps {version} with the example {example}"
    with (project / "logs" / "pipeline.log").open("a", encoding="utf-8", newline="\n") as log:
        log.write(f"{time} INFO template: {origin}\n")


def begin_history(project: Path, name: str, email: str) -> str:
    """Make one commit on main; or say in a sentence why not, and which command does it."""
    environment = dict(os.environ)

    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["git", *arguments]
        return subprocess.run(
            command, cwd=project, env=environment, capture_output=True, errors="replace"
        )

    if any(variable.startswith("GIT_") for variable in environment):
        for variable in git("rev-parse", "--local-env-vars").stdout.split():
            environment.pop(variable, None)
    begun = project / ".git" / "first-commit"  # there until git has made it
    if begun.exists() and not git("--git-dir=.git", "for-each-ref").stdout:
        (project / ".git" / "index.lock").unlink(missing_ok=True)
    elif begun.parent.is_file() or (begun.parent.is_dir() and any(begun.parent.iterdir())):
        return "This was a git repository already: nothing is committed, see git status."
    # By path, since git overlooks a repository of another owner, and one whose .git this is in.
    above = next((parent for parent in project.parents if (parent / ".git").exists()), None)
    if above and git("check-ignore", "--quiet", ".").returncode:
        return f"This is part of the git repository {above}. To give it one of its own: {BEGIN}"
    if git("var", "GIT_COMMITTER_IDENT").returncode:  # git knows no one: the author signs this once
        for role in ("AUTHOR", "COMMITTER"):
            environment[f"GIT_{role}_NAME"] = os.fsdecode(name.encode())  # in any locale
            environment[f"GIT_{role}_EMAIL"] = email
    begun.parent.mkdir(exist_ok=True)
    begun.touch()
    for step in (
        ("init", "--quiet", "--template="),
        ("symbolic-ref", "HEAD", "refs/heads/main"),
        ("add", "--all"),
        ("commit", "--quiet", "--message=First commit"),
    ):
        if step[0] == "symbolic-ref" and b"/main" in (project / ".git" / "HEAD").read_bytes():
            continue  # only old versions know no default branch
        done = git(*SETTINGS, *step)
        if done.returncode:
            return f"git {step[0]} failed: {done.stderr.strip()}\nThat mended, run: {COMMIT}"
    begun.unlink()
    return ""


def say(text: str) -> None:
    """Print what this console can show; a closed one must not cost the user the project."""
    encoding = sys.stdout.encoding if sys.stdout else "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except OSError:
        sys.stdout = None  # else the interpreter tries it again at exit, and fails


def main() -> None:
    """Finish the project in the working directory."""
    answers, project, note = read_answers(), Path.cwd(), ""
    with suppress(OSError):
        Path(__file__).unlink()  # Cookiecutter leaves it in the temporary folder
    # cruft may hold a module of before, whose environment does not know this name.
    keep_existing = "{{ keep_existing is defined and keep_existing }}".startswith("T")
    example, package = answers["example"], answers["package_name"]
    place_example(project, example, package, keep_existing=keep_existing)
    begin_log(project, answers["__template_version"], example)
    if answers["initialize_git"]:
        try:
            note = begin_history(project, answers["author_name"], answers["author_email"])
        except OSError:
            note = f"No git could be run here. Once one can: {BEGIN}"
    say(f"""
{answers["project_name"]} is ready:

    cd "{project}"
    make setup    (without make: the README has the plain commands)
    make run

{note}""")


if __name__ == "__main__":
    main()
