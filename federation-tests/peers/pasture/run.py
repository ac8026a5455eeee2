"""Drives fediverse-pasture's actors against a running Veche.

    python3 run.py --url http://127.0.0.1:8080 --actor /g/transport [--venv DIR] [--port 0] [--only bob,emily]

Six actors differ in three ways: whether WebFinger finds them, whether reading them needs a signed request
(authorized fetch), and whether they sign what they send themselves. Each reads the given actor and posts to its
inbox. The program prints one line of JSON and ends with 0 when every case came out as expected.

The first run makes a virtual environment with the pinned packages and starts itself again inside it.
"""

import argparse
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEFAULT_VENV = HERE.parent / ".venv"


def arguments():
    parser = argparse.ArgumentParser(description="fediverse-pasture against Veche")
    parser.add_argument("--url", help="base URL of the server under test")
    parser.add_argument("--actor", help="path, URL or handle (name@host) of an actor there")
    parser.add_argument("--object", help="what the Likes are about; the actor itself when absent")
    parser.add_argument("--venv", type=Path, default=DEFAULT_VENV)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--only", help="names of actors, separated by commas")
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds for each request")
    parser.add_argument("--install", action="store_true", help="only make the virtual environment")
    options = parser.parse_args()
    if not options.install and not (options.url and options.actor):
        parser.error("--url and --actor are needed")
    return options


def enter_venv(folder: Path):
    """Restarts this program with the interpreter of the environment, which is made when it is missing."""
    python = folder / "bin" / "python"
    pins = (HERE / "requirements.txt").read_text()
    installed = folder / "installed-requirements.txt"
    if not installed.exists() or installed.read_text() != pins:
        if folder.exists() and not (folder / "pyvenv.cfg").exists():
            sys.exit(f"{folder} exists and is not a virtual environment")
        venv.create(folder, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", HERE / "requirements.txt"], check=True, stdout=sys.stderr)
        # Written last: an installation that was interrupted is done again.
        installed.write_text(pins)
    if Path(sys.prefix).resolve() != folder.resolve():
        os.execv(python, [str(python), *sys.argv])


def main():
    options = arguments()
    enter_venv(options.venv)
    if options.install:
        return 0
    # One of the libraries keeps a cache in the working directory.
    os.chdir(options.venv)
    sys.path.insert(0, str(HERE))
    from drive import drive

    report = drive(options)
    print(json.dumps(report), flush=True)
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
