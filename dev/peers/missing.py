"""Prints each requirement (`name==version`) of a file that this Python does not have in exactly that version."""

import sys
from importlib.metadata import PackageNotFoundError, version


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        wanted = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    for requirement in wanted:
        name, _, exact = requirement.partition("==")
        if installed(name) != exact:
            print(requirement)


main()
