"""Judges configurations by the connector's JSON Schema, as an editor would.

usage: schema_check.py SCHEMA FILE...
Prints {"valid": [...], "faults": {file: [...]}, "mutations": n, "missed": [...]} as its last line: which files the
schema takes, and which files with one thing wrong it takes, too.
"""

import copy
import json
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """YAML 1.2, as far as it matters here: only true and false are truth, and dates are text."""


Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"
            and (pair[0] != "tag:yaml.org,2002:bool" or first in "tTfF")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def places(node, path=()):
    """Each mapping of a document, by the way to it."""
    if isinstance(node, dict):
        yield path
        for key, value in node.items():
            yield from places(value, path + (key,))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from places(item, path + (index,))


def at(document, path):
    for step in path:
        document = document[step]
    return document


def mutations(document):
    """The document with one key misspelt, or one number or truth that is none."""
    for path in places(document):
        for key, value in at(document, path).items():
            misspelt = copy.deepcopy(document)
            block = at(misspelt, path)
            block[key + "x"] = block.pop(key)
            yield path + (key + "x",), misspelt
            if isinstance(value, (bool, int, float)) and not isinstance(key, int):
                wrong = copy.deepcopy(document)
                at(wrong, path)[key] = {"no": "value"}
                yield path + (key, "{}"), wrong


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    result = {"draft": kind.META_SCHEMA["$id"], "valid": [], "faults": {}, "mutations": 0, "missed": []}
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as file:
            document = yaml.load(file, Loader)
        faults = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(document)]
        if faults:
            result["faults"][name] = faults
            continue
        result["valid"].append(name)
        # Names that the user chooses, and what stands under another name, may be anything.
        if "/Field/" in name:
            continue
        for path, wrong in mutations(document):
            if "source_targets" in path or "fields" in path:
                continue
            result["mutations"] += 1
            if validator.is_valid(wrong):
                result["missed"].append(f"{name}: {'/'.join(map(str, path))}")
    print(json.dumps(result))


main()
