"""python tests/hygiene.py FILE…: the usual checks before a commit, without the network; exit code 1 names what it found."""

import sys
from pathlib import Path

LARGEST = 500_000  # bytes


def complaints(path: Path) -> list[str]:
    """What is wrong with one file that is about to be committed."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return ["is not UTF-8"]
    lines = text.split("\n")
    conflict = any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in lines)
    trailing = [i for i, line in enumerate(lines, 1) if line != line.rstrip()]
    return [
        *(["is larger than 500 kB"] if len(data) > LARGEST else []),
        *(["has merge conflict marks"] if conflict else []),
        *(["has Windows line ends"] if b"\r\n" in data else []),
        *([f"ends line {trailing[0]} in white space"] if trailing and path.suffix != ".md" else []),
        *(["does not end in exactly one newline"] if data and (data[-1:] != b"\n" or data[-2:] == b"\n\n") else []),
    ]


def main(names: list[str]) -> int:
    found = [f"{name}: {complaint}" for name in names for complaint in complaints(Path(name))]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
