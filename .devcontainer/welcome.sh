#!/bin/sh
# At the first attachment: the course's extension, the README and the learner's file. Later the learner's own tabs are there.
test -e .coach/welcomed && exit 0
mkdir -p .coach && touch .coach/welcomed
command -v code >/dev/null || exit 0 # no editor to open anything in: the files are there all the same
# An extension's package is a zip with the folder `extension` in it.
vsix=$(mktemp -d)/course.vsix
python3 - "$vsix" <<'PACK' && code --install-extension "$vsix" --force || echo "The extension is offered in the Extensions view instead."
import pathlib, sys, zipfile
here = pathlib.Path(".vscode/extensions/course")
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as package:
    for path in sorted(here.rglob("*")):
        package.write(path, pathlib.Path("extension") / path.relative_to(here))
PACK
code README.md chapter0_fundamentals/exercises/part1_raytracing/answers.py || true
