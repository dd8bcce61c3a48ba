#!/usr/bin/env python3
"""The network gives the same bits on 64-bit ARM: built by the cross compiler, run by QEMU's user mode. Skips with a line
where these are not at hand."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ["tests/system/neon.c", "appliance/base/buf.c", "appliance/base/err.c", "appliance/model/reading.c",
           "appliance/model/stage.c", *(f"appliance/reading/{name}.c" for name in (
               "network", "network_check", "network_write", "calibrate", "kernels_plain", "kernels_avx2",
               "kernels_vnni", "kernels_neon"))]


def build(compiler, to, *more):
    subprocess.run([compiler, "-std=gnu17", "-O2", "-ffp-contract=off", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
                    *more, f"-I{ROOT}/appliance", f"-I{ROOT}/tests", *(ROOT / source for source in SOURCES), "-lm",
                    "-o", to], check=True)


def lines(*command):
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line.split(" ", 1) for line in said.splitlines()]


def main():
    cross, emulator = shutil.which("aarch64-linux-gnu-gcc"), shutil.which("qemu-aarch64-static")
    if not cross or not emulator:
        print("no cross compiler or emulator of 64-bit ARM here: skipped")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        here, there = pathlib.Path(folder) / "here", pathlib.Path(folder) / "there"
        build("cc", here)
        build(cross, there, "-static")
        found = lines(here) + lines(emulator, there)
    for digest, path in found:
        print(digest, path)
    assert "NEON" in [path for _, path in found]
    assert len({digest for digest, _ in found}) == 1, "the paths differ"
    return 0


if __name__ == "__main__":
    sys.exit(main())
