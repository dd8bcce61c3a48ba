#!/usr/bin/env python3
"""Hostile and broken exports, through the real command line: each gives one clear sentence and status 3, and the store
is what it was before, but for the row that says so."""
import gzip
import io
import os
import sqlite3
import tarfile
import tempfile
import zipfile
import pathlib

from programs import run


def zip_slip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../escaped.jpg", b"x" * 100)


def absolute_tar(path):
    with tarfile.open(path, "w") as archive:
        entry = tarfile.TarInfo("/tmp/escaped.jpg")
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"xxx"))


def link_tar(path):
    with tarfile.open(path, "w") as archive:
        entry = tarfile.TarInfo("D2026.01.01_S0001_I0001/frame.jpg")
        entry.type = tarfile.SYMTYPE
        entry.linkname = "/etc/passwd"
        archive.addfile(entry)


def bomb_tar(path):
    """10 GB of zeros in a few MB: a tar head, then gzip members of zeros."""
    entry = tarfile.TarInfo("D2026.01.01_S0001_I0001/frame.jpg")
    entry.size = 10 << 30
    zeros = gzip.compress(bytes(1 << 24), 9)
    with open(path, "wb") as file:
        file.write(gzip.compress(entry.tobuf()))
        for _ in range((10 << 30) >> 24):
            file.write(zeros)


def other_sqlite(path):
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE songs(title TEXT)")
    database.commit()
    database.close()


def wrong_magic(path):
    path.write_bytes(b"MZ" + os.urandom(4000))


def truncated_zip(path):
    zip_slip(path)
    path.write_bytes(path.read_bytes()[:60])


CASES = [
    ("slip.zip", zip_slip), ("absolute.tar", absolute_tar), ("link.tar", link_tar), ("bomb.tar.gz", bomb_tar),
    ("D2026.01.01_S0002_I0001.pdb", other_sqlite), ("D2026.01.01_S0003_I0001.pdb", wrong_magic),
    ("D2026.01.01_S0004_I0001.pdb", lambda path: path.write_bytes(b"")), ("cut.zip", truncated_zip),
    ("noise.bin", wrong_magic),
]


def content(store):
    database = sqlite3.connect(f"file:{store}/daybreak.db?mode=ro", uri=True)
    tables = ("patients", "cycles", "dishes", "embryos", "frames", "blobs", "cuts", "readings", "jobs")
    counts = [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
    files = sorted(str(path.relative_to(store)) for path in pathlib.Path(store).rglob("*")
                   if path.is_file() and not path.name.startswith("daybreak.db"))
    return counts, files


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        store = folder / "store"
        run("daybreak", "init", "--store", store, "--user", "lab")
        run("daybreak", "verify", "--store", store)
        before = content(store)
        for name, make in CASES:
            path = folder / name
            make(path)
            done = run("daybreak", "import", "--store", store, path, check=False)
            sentences = [line for line in done.stderr.splitlines() if line.startswith(f"{name}: ")]
            assert done.returncode == 3, f"{name}: status {done.returncode}: {done.stderr}"
            assert len(sentences) == 1 and len(sentences[0]) > len(name) + 20, done.stderr
            after = content(store)
            assert after == before, f"{name} changed the store: {before} -> {after}"
            print(sentences[0])
        assert not (folder.parent / "escaped.jpg").exists() and not pathlib.Path("/tmp/escaped.jpg").exists()
        print(run("daybreak", "verify", "--store", store, "--deep").stdout.strip())


if __name__ == "__main__":
    main()
