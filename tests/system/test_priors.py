#!/usr/bin/env python3
"""A clinic fits its own times: annotations that came with an export go into the store, `daybreak priors fit` makes a table of
them, and the box decodes with it from then on."""
import json
import pathlib
import sys
import tempfile

from programs import run

WELLS, INTERVAL_H, START_H = 12, 2, 1.5
# First and last frame of each phase; frame n lies START_H + (n - 1) * INTERVAL_H after insemination.
PHASES = [("tPB2", 1, 3), ("tPNa", 4, 11), ("tPNf", 12, 12), ("t2", 13, 18), ("t4", 19, 25), ("t8", 26, 40)]


def annotated_export(folder):
    run("daybreak-simulate", "--out", folder, "--layout", "folder", "--seed", 3, "--wells", WELLS, "--runs", 40,
        "--interval", INTERVAL_H * 3600, "--planes", 1, "--side", 128, "--quiet")
    for times in folder.glob("*_timeElapsed.csv"):
        text = "".join(f"{stage},{first},{last}\n" for stage, first, last in PHASES)
        times.with_name(times.name.replace("_timeElapsed", "_phases")).write_text(text)


def fits_the_clinics_marks(folder):
    store, export, table = folder / "store", folder / "export", folder / "store/priors.json"
    annotated_export(export)
    run("daybreak", "init", "--store", store, "--user", "lab")
    run("daybreak", "import", "--store", store, "--no-score", export)
    run("daybreak", "priors", "fit", "--store", store, "--out", table)
    fitted = json.loads(table.read_text())
    assert fitted["sources"] == [{"file": "marks of this clinic", "digest": "", "embryos": WELLS}], fitted["sources"]
    stages = {stage["stage"]: stage for stage in fitted["stages"]}
    begins = stages["t2"]["begins"]
    assert begins["embryos"] == WELLS and abs(begins["median_min"] - 60 * (START_H + 12 * INTERVAL_H)) <= 1, begins
    # Nobody marked t3, and nobody marked it as absent: how long two cells last is not known.
    assert stages["t2"]["lasts"]["embryos"] == 0 and stages["t3"]["skipped"] == 0, stages
    assert stages["tPNf"]["lasts"]["median_min"] == 60 * INTERVAL_H
    print(f"a clinic's table: t2 at {begins['median_min'] / 60:.1f} h in {begins['embryos']} embryos")


def refuses(folder):
    other = folder / "other.csv"
    other.write_text("a,b\n1,2\n")
    done = run("daybreak", "priors", "fit", other, "--out", folder / "x.json", check=False)
    assert done.returncode == 1 and "no table of event times" in done.stderr, done
    assert not (folder / "x.json").exists()
    for arguments in (["fit"], ["fit", other], ["show"], []):
        assert run("daybreak", "priors", *arguments, check=False).returncode == 2, arguments
    assert "usage" in run("daybreak", "priors", "--help").stdout


def main():
    with tempfile.TemporaryDirectory() as name:
        fits_the_clinics_marks(pathlib.Path(name))
        refuses(pathlib.Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
