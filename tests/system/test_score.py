#!/usr/bin/env python3
"""The main job without a server: `daybreak score` takes a rendered slide and, where they are, the real exports, and prints
events, flags, grade and rank; what must hold of the results is asserted."""
import json
import pathlib
import sys
import tempfile

from box import DATA, run


def export(exports):
    """Imports into a store and returns what `daybreak export` says of it, by slide."""
    with tempfile.TemporaryDirectory() as folder:
        store = pathlib.Path(folder) / "store"
        run("daybreak", "init", "--store", store, "--user", "lab")
        run("daybreak", "import", "--store", store, *exports)
        return json.loads(run("daybreak", "export", "--store", store).stdout)


def rendered():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "D2026.01.05_S0001_I0001.pdb"
        run("daybreak-simulate", "--seed", 11, "--wells", 3, "--runs", 40, "--planes", 3, "--interval", 7200, "--out", path)
        shown = run("daybreak", "score", path).stdout
        assert "rank" in shown.lower() or "well" in shown, shown
        (dish,) = export([path])
        assert len(dish["embryos"]) == 3 and len(dish["ranking"]) == 3
        for embryo in dish["embryos"]:
            evaluation = embryo["evaluation"]
            assert evaluation["timing"] == "exact"
            assert all(p["state"] in ("value", "not computable", "excluded") for p in evaluation["profiles"])
            assert all(p["reason"] for p in evaluation["profiles"] if p["state"] != "value")
        print("rendered slide: 3 wells scored and ranked")


def real_slides():
    dishes = export(sorted((DATA / "pdb").glob("*.pdb")))
    wells = [embryo["evaluation"] for dish in dishes for embryo in dish["embryos"]]
    assert len(wells) == 11, f"{len(wells)} wells"
    many = max(dishes, key=lambda dish: len(dish["embryos"]))
    blastocysts = [e["evaluation"]["stage_group"] for e in many["embryos"]]
    assert blastocysts == ["blastocyst"] * 10, blastocysts
    (single,) = [dish for dish in dishes if dish is not many]
    evaluation = single["embryos"][0]["evaluation"]
    went_empty = [a for a in evaluation["anomalies"] if a["kind"] == "well-went-empty"]
    assert went_empty and went_empty[0]["run"] >= 476, evaluation["anomalies"]
    print(f"real slides: 11 wells, ten blastocysts, the well empty from run {went_empty[0]['run']} on")


def main():
    rendered()
    if (DATA / "pdb").is_dir():
        real_slides()
    else:
        print("skipped: no real exports here")


if __name__ == "__main__":
    sys.exit(main())
