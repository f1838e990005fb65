"""Does what a page of docs/do says: makes its files, applies its diffs, types its commands.

Blocks that it understands, and no others: `console`, where what follows `$ ` is typed and the lines
below are what is printed, … for what differs; `diff`; and a file, whose name and fate (new, all of
it) are the caption. A section of second rank is followed if it is named, or if none is.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import tomllib
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import yaml
from checks import TOOLS, free_port, serving
from conftest import TEMPLATE, Project
from markdown_it import MarkdownIt

DOCS = TEMPLATE / "docs/do"
ASKED = "cookiecutter gh:org/template "
QUICK = re.compile(r"(cd|mkdir|mv|rm|git(?! lfs)) ")  # commands that need nothing installed
SERVED = re.compile(r"127\.0\.0\.1:(8000|5000)\b")
OTHER_TERMINAL = "in another terminal"


@dataclass(frozen=True)
class Block:
    """What one block of a page tells the reader to do."""

    language: str
    caption: str
    text: str


def read(page: str, section: str | None = None) -> list[Block]:
    """Return the blocks of a page, or of what stands before its sections and of one of them."""
    text, blocks, heading, here = (DOCS / page).read_text(encoding="utf-8"), list[Block](), "", ""
    for token in MarkdownIt("commonmark").parse(text):
        heading = token.tag if token.type == "heading_open" else heading
        if token.type == "inline" and heading == "h2":
            here = token.content
        heading = "" if token.type == "heading_close" else heading
        if token.type != "fence" or token.info.startswith("{include}"):
            continue
        if section in (None, here) or not here:
            options = re.match(r"(?::caption: (.*)\n+)?", token.content)
            assert options is not None
            kind = token.info.removeprefix("{code-block} ")
            blocks.append(Block(kind, options[1] or "", token.content[options.end() :]))
    return blocks


class Follower:
    """Somebody who does what a page says, in a folder of their own; `here` is where they stand."""

    def __init__(self, folder: Path, *, quick: bool = False) -> None:
        self.here, self.quick, self.said, self.port = folder, quick, dict[str, str](), free_port()
        settings = folder / "cookiecutter.yaml"
        settings.write_text(yaml.safe_dump({"replay_dir": str(folder / "replay")}))
        name, address = "Somebody", "somebody@example.org"
        self.variables = {"PATH": f"{TOOLS}:{os.environ['PATH']}", "PORT": str(self.port)}
        self.variables |= {"COOKIECUTTER_CONFIG": str(settings), "DVC_NO_ANALYTICS": "true"}
        for role in ("AUTHOR", "COMMITTER"):
            self.variables |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": address}
        for what in ("GLOBAL_CONFIG", "SITE_CACHE"):
            self.variables[f"DVC_{what}_DIR"] = str(folder / "dvc" / what)

    def follow(self, page: str, section: str | None = None) -> Project:
        """Do all that a page says, and return where it ends."""
        for name in re.findall(r"\{download\}`[^<`]*<([^>]*)>`", (DOCS / page).read_text("utf-8")):
            (self.here / Path(name).name).write_bytes((DOCS / name).read_bytes())
        with ExitStack() as stack:
            for block in read(page, section):
                if block.language == "console":
                    self.type(block, stack)
                elif block.language == "diff":
                    done = self.sh("git apply --verbose -", block.text)
                    assert done.returncode == 0, f"{page}\n{block.text}\n{done.stdout}"
                else:
                    self.write(block)
        return Project(self.here, {})

    def write(self, block: Block) -> None:
        """Make the file that a caption names: a new one, or all of one that is there."""
        caption = re.fullmatch(r"(\S+) \((new|all of it)\)", block.caption)
        assert caption is not None, f"not to be followed: {block}"
        file = self.here / caption[1]
        assert file.exists() == (caption[2] == "all of it"), block.caption
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")

    def type(self, block: Block, stack: ExitStack) -> None:
        """Type each command and hold what it prints against the page."""
        for part in re.findall(r"^\$ (.*\n(?:(?!\$ ).*\n)*)", block.text, re.MULTILINE):
            command, _, expected = part.replace("\\\n", "").partition("\n")
            if self.quick and not QUICK.match(command) and not command.startswith(ASKED):
                continue
            if block.caption == OTHER_TERMINAL:
                project = Project(self.here, {})
                both = f"{command} 2>&1"  # where MLflow says its address
                stack.enter_context(serving(project, "sh", "-c", both, **self.variables))
                continue
            if command.startswith("cd "):
                self.here = (self.here / command.removeprefix("cd ")).resolve(strict=True)
                continue
            typed = command.replace(ASKED, f"cookiecutter {shlex.quote(str(TEMPLATE))} ")
            if self.quick:  # what a run would have changed is not there
                typed = typed.replace("git commit ", "git commit --allow-empty ")
            done = self.sh(SERVED.sub(f"127.0.0.1:{self.port}", typed))
            self.said[command] = done.stdout
            assert done.returncode == 0, f"{command}\n{done.stdout}"
            if expected.strip() and not self.quick:
                assert says(done.stdout, expected), (
                    f"{command}\n{done.stdout}\nexpected\n{expected}"
                )

    def sh(self, command: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command here, as a shell does; what it says on both channels is `stdout`."""
        return subprocess.run(
            ["sh", "-c", command],
            cwd=self.here,
            env=os.environ | self.variables,
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )


def says(printed: str, expected: str) -> bool:
    """Compare what was printed with what the page shows, where … stands for anything."""
    lines = ("\n".join(map(str.rstrip, text.strip().splitlines())) for text in (printed, expected))
    found, shown = lines
    pattern = ".*".join(map(re.escape, shown.split("…")))
    return re.fullmatch(pattern, found, re.DOTALL) is not None


def assert_files_parse(project: Project) -> None:
    """Hold the project's code and settings against their grammar."""
    for file in (*project.path.glob("src/**/*.py"), *project.path.glob("tests/*.py")):
        ast.parse(file.read_text(encoding="utf-8"))
    for file in (*project.path.glob("*.toml"), *project.path.glob("configs/*.toml")):
        tomllib.loads(file.read_text(encoding="utf-8"))
