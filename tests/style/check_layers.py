#!/usr/bin/env python3
"""The walls of the house, held against the #include lines: which room may include which, which one file may
include a foreign library, and which functions nobody may call."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOUSES = [ROOT / "appliance", ROOT / "sync"]

# Room -> rooms it may include besides itself. The programs on top wire the rooms and may include all.
LAYERS = {
    "base": set(),
    "model": {"base"},
    "simulator": {"base", "model"},
    "reading": {"base", "model"},
    "models": {"base", "model", "reading", "simulator"},
    "evaluation": {"base", "model"},
    "store": {"base", "model"},
    "intake": {"base", "model", "store", "reading"},
    "accuracy": {"base", "model", "reading", "evaluation", "intake"},
    "release": {"base"},
    "wire": {"base"},
    "work": {"base", "model", "store", "reading", "evaluation", "models", "wire"},
    "quality": {"base", "model", "store", "evaluation"},
    "update": {"base", "model", "store"},
    "setup": {"base", "model", "store", "wire", "update"},
    "report": {"base", "model", "store", "evaluation"},
    "serve": {"base", "model", "store", "evaluation", "models", "wire", "report", "quality"},
    "agent": {"base", "wire"},
    "authority": {"base"},
    "function": {"base", "model", "reading", "models", "wire"},
}

# Foreign header -> the files that may include it: three at most and what they share, so that it can be replaced and audited.
FOREIGN = {
    "sqlite3.h": {"base/db.c"},
    "jansson.h": {"base/json.h"},
    "mbedtls/": {"base/crypto.c", "base/hpke.c", "base/certificate.c", "base/crypto_inside.h"},
    "openssl/": {"base/crypto_bulk.c"},
    "turbojpeg.h": {"base/image.c"},
    "png.h": {"base/image.c"},
    **dict.fromkeys(("archive.h", "archive_entry.h"), {"base/tar.c", "intake/archive.c", "models/package.c", "wire/pack.c"}),
    "onnx.pb-c.h": {"models/onnx_inside.h"},
    "cairo.h": {"report/paper.c"},
    "cairo-pdf.h": {"report/paper.c"},
    "argon2.h": {"store/users.c"},
    "seccomp.h": {"reading/sandbox.c"},
    "civetweb.h": {"serve/http.c", "function/http.c", "authority/http.c"},
    "curl/curl.h": {"agent/link.c", "function/outbound.c"},
    "sys/inotify.h": {"intake/watch.c"},
}

BANNED = ["sprintf", "vsprintf", "strcpy", "strcat", "strncpy", "strncat", "strtok", "atoi", "atol", "atof", "gets",
          "system", "popen", "alloca", "localtime", "gmtime", "mktemp", "tmpnam", "rand", "srand", "setjmp"]

# Only these rooms write to the diagnostic log; the others return errors.
MAY_LOG = {"serve", "work", "base", "agent", "authority", "function"}

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 800


def includes(text):
    return re.findall(r'^\s*#\s*include\s+[<"]([^">]+)[">]', text, re.M)


def check_includes(room, name, text, problems):
    for header in includes(text):
        other = header.split("/")[0]
        if room and other in LAYERS and other != room and other not in LAYERS[room]:
            problems.append(f"{name}: {room} may not include {header}")
        for foreign, homes in FOREIGN.items():
            matches = header.startswith(foreign) if foreign.endswith("/") else header == foreign
            if matches and name not in homes:
                problems.append(f"{name}: {header} belongs to {', '.join(sorted(homes))}")


def without_comments(text):
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', text)


def check_calls(room, name, text, problems):
    code = without_comments(text)
    for number, line in enumerate(code.splitlines(), 1):
        for banned in BANNED:
            if re.search(rf"(?<![\w.>]){banned}\s*\(", line):
                problems.append(f"{name}:{number}: {banned}() is banned")
        if room and room not in MAY_LOG and "log_line(" in line:
            problems.append(f"{name}:{number}: {room} returns errors, it does not log")
    for marker in ("TODO", "FIXME", "XXX"):
        if re.search(rf"\b{marker}\b", text):
            problems.append(f"{name}: {marker} left behind")


def check_sizes(name, text, problems):
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        problems.append(f"{name}: {len(lines)} lines; at most {FILE_LINES_MAX}")
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start > FUNCTION_LINES_MAX:
                problems.append(f"{name}:{start}: a function of {number - start} lines; at most {FUNCTION_LINES_MAX}")
            start = None


def main():
    problems, count = [], 0
    files = [(house, path) for house in HOUSES for path in sorted(house.rglob("*.[ch]"))]
    for house, path in files:
        name = path.relative_to(house).as_posix()
        # Programs wire the rooms: those on top, and those that training needs.
        room = name.split("/")[0] if "/" in name and "/train/" not in name else None
        text = path.read_text()
        count += 1
        check_includes(room, name, text, problems)
        check_calls(room, name, text, problems)
        check_sizes(name, text, problems)
        if path.suffix == ".h" and "#pragma once" not in text:
            problems.append(f"{name}: no #pragma once")
    print("\n".join(problems))
    print(f"{count} files, {len(problems)} problems")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
