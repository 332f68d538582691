"""The schema of rolecall.toml, asked by Python's jsonschema: config_schema.py SCHEMA FIXTURES

It has to be a sound schema of its draft; every rolecall.toml of the fixtures and everything in config/good fits,
nothing in config/bad does, and what the reader alone can know (config/beyond-schema) does.
"""

import datetime
import json
import pathlib
import sys
import tomllib

import jsonschema


def plain(value):
    """TOML's times as texts."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return value


def main(schema_file, fixtures):
    schema = json.loads(pathlib.Path(schema_file).read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    fixtures = pathlib.Path(fixtures)
    asked = [(path, True) for path in fixtures.rglob("rolecall.toml")]
    for folder, fits in [("good", True), ("bad", False), ("beyond-schema", True)]:
        asked += [(path, fits) for path in (fixtures / "config" / folder).glob("*.toml")]
    wrong = []
    for path, fits in sorted(asked):
        found = plain(tomllib.loads(path.read_text(encoding="utf-8")))
        error = jsonschema.exceptions.best_match(validator(schema).iter_errors(found))
        if (error is None) != fits:
            wrong.append(f"{path}: {error.message if error else 'fits, and should not'}")
    print("\n".join(wrong) or f"{len(asked)} configurations, all as expected")
    return bool(wrong) or len(asked) < 20


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
