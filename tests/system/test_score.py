#!/usr/bin/env python3
"""The main job without a server: `daybreak score` takes a rendered slide and, where they are, the real exports, and prints
events, flags, grade and rank; what must hold of the results is asserted."""
import csv
import json
import pathlib
import sys
import tempfile

from programs import DATA, run


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


def assigned():
    """A person gives an inbox dish to a patient; the same identifier with another name is refused."""
    with tempfile.TemporaryDirectory() as folder:
        store, slide = pathlib.Path(folder) / "store", pathlib.Path(folder) / "D2026.01.06_S0002_I0001.pdb"
        run("daybreak", "init", "--store", store, "--user", "lab")
        run("daybreak-simulate", "--seed", 12, "--wells", 1, "--runs", 8, "--planes", 1, "--interval", 36000, "--out", slide)
        run("daybreak", "import", "--store", store, slide)
        password = run("daybreak", "user", "--store", store, "--user", "eve", "--role", "viewer").stdout.strip()
        assert len(password) == 23, password
        again = run("daybreak", "user", "--store", store, "--user", "eve", "--role", "viewer", check=False)
        assert again.returncode == 1 and "conflict" in again.stderr, again.stderr
        words = ["--identifier", "R-1", "--cycle", "first", "--method", "ICSI"]
        run("daybreak", "assign", "--store", store, "--dish", 1, "--patient", "Ada Rendered", *words)
        (dish,) = json.loads(run("daybreak", "export", "--store", store).stdout)
        assert dish["patient"]["name"] == "Ada Rendered" and dish["patient"]["method"] == "ICSI"
        assert dish["embryos"][0]["evaluation"]["method"] == "ICSI", "evaluated again with the method"
        (embryo,) = dish["embryos"]
        rows = list(csv.DictReader(run("daybreak", "export", "--store", store, "--csv").stdout.splitlines(), strict=True))
        used = [(e["event"], e["used"]) for e in embryo["evaluation"]["events"] if e["used"]]
        assert used and [(r["event"], int(r["time_s"])) for r in rows] == [(e, u["time_s"]) for e, u in used], rows
        assert all(r["slide"] == dish["slide"] and int(r["well"]) == embryo["well"] for r in rows), rows
        refused = run("daybreak", "assign", "--store", store, "--dish", 1, "--patient", "Eve Other", *words, check=False)
        assert refused.returncode == 1 and "another patient" in refused.stderr, refused.stderr
        other = ["--identifier", "R-1", "--cycle", " First ", "--method", "IVF"]
        refused = run("daybreak", "assign", "--store", store, "--dish", 1, "--patient", "Ada Rendered", *other, check=False)
        assert refused.returncode == 1 and "another method" in refused.stderr, refused.stderr
        run("daybreak", "assign", "--store", store, "--dish", 1, "--patient", "Ada Rendered", *words)
        run("daybreak", "verify", "--store", store, "--deep")
    print("assigned: the dish has its patient; a mixed-up name was refused")


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


def event_run(evaluation, name):
    (event,) = [e for e in evaluation["events"] if e["event"] == name]
    return event["automatic"]["run"] if event["automatic"] else None


def real_runs():
    """t2 of RI382-2 lies within 3 frames of frame 88, where events_visual.csv sees two cells; no frame of an occupied well is
    called empty; experts' marks that came with AA83-7 stand beside ours."""
    wells = {dish["slide"]: dish["embryos"][0]["evaluation"]
             for dish in export([DATA / "nantes/RI382-2", DATA / "nantes/AA83-7"])}
    (consecutive,) = [e for slide, e in wells.items() if "RI382" in slide]
    (annotated,) = [e for slide, e in wells.items() if "RI382" not in slide]
    assert consecutive["points"] == 440 and consecutive["empty"] == 0, (consecutive["points"], consecutive["empty"])
    assert annotated["points"] == 285 and annotated["empty"] == 0, (annotated["points"], annotated["empty"])
    t2 = event_run(consecutive, "t2")
    assert t2 is not None and abs(t2 - 88) <= 3, f"t2 of RI382-2 at frame {t2}"
    human = sum(len(event["human"]) for event in annotated["events"])
    assert human == 10, f"{human} of the experts' 10 phases"
    print(f"real runs: t2 of RI382-2 at frame {t2} (by eye 88), of AA83-7 at RUN {event_run(annotated, 't2')} (experts 98)")


def main():
    rendered()
    assigned()
    if (DATA / "pdb").is_dir():
        real_slides()
        real_runs()
    else:
        print("skipped: no real exports here")


if __name__ == "__main__":
    sys.exit(main())
