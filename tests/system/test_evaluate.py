#!/usr/bin/env python3
"""How right the model is, on every layout that can be evaluated: rendered embryos always, the real sets where they are. What is
asserted is the bookkeeping (counts, clocks, who is kept apart), not how good the model is: those figures are printed."""
import csv
import json
import pathlib
import re
import sys
import tempfile

from programs import DATA, run


def evaluate(*arguments):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        shown = run("daybreak", "evaluate", *arguments, "--json", path).stdout
        return json.loads(path.read_text()), shown


def of_reader(dataset, metric="frame_accuracy"):
    figure = dataset[metric]["reader"]
    return "-" if figure is None else f"{figure['value']:.3f}"


def show(dataset):
    print(f"  {dataset['name']}: {dataset['kind']}, {dataset['embryos']} embryos, {dataset['frames']} frames; stage right "
          f"{of_reader(dataset)}, group {of_reader(dataset, 'group_accuracy')}, event F1 {of_reader(dataset, 'event_f1')}")


def rendered_film(folder):
    path = folder / "D2026.01.07_S0003_I0001.pdb"
    run("daybreak-simulate", "--seed", 21, "--wells", 2, "--runs", 60, "--planes", 1, "--interval", 5400, "--quiet", "--out", path)
    report, shown = evaluate(path)
    (dataset,) = report["datasets"]
    assert dataset["kind"] == "rendered" and "RENDERED" in shown, dataset["kind"]
    truth = json.loads(pathlib.Path(f"{path}.truth.json").read_text())
    assert dataset["embryos"] == 2 and dataset["frames"] == sum(len(w["frames"]) for w in truth["wells"]), dataset
    assert dataset["frames_read"] == dataset["frames_timed"] == dataset["frames"]
    # Every frame of the truth has one stage, and the confusion counts each once.
    rows = dataset["confusion"]["frame_only"]
    stages = report["stages"]
    for index, stage in enumerate(stages):
        frames = sum(f["stage"] == stage for w in truth["wells"] for f in w["frames"])
        assert sum(rows[index]) == frames, (stage, sum(rows[index]), frames)
    assert all(dataset["frame_accuracy"][m] is not None for m in ("reader", "frame_only", "time_only", "majority"))
    assert any(e["event"] == "t2" and e["n"] == 2 for e in dataset["events"]), dataset["events"]
    show(dataset)
    return path


def spans_of(frames):
    """[stage, first run, last run] of a well's truth."""
    spans = []
    for frame in frames:
        if spans and spans[-1][0] == frame["stage"]:
            spans[-1][2] = frame["run"]
        else:
            spans.append([frame["stage"], frame["run"], frame["run"]])
    return spans


def write_phases(export, wells, scale):
    for code, frames in wells.items():
        with open(export / f"{code}_phases.csv", "w") as to:
            csv.writer(to).writerows([stage, first * scale, last * scale + scale - 1]
                                     for stage, first, last in spans_of(frames))


def rendered_folder(folder):
    """The folder layout with an expert's tables made from the truth: two embryos, scored by frame index or by event times."""
    export = folder / "export 7"
    run("daybreak-simulate", "--seed", 22, "--wells", 2, "--runs", 50, "--planes", 1, "--interval", 5400, "--layout", "folder",
        "--quiet", "--out", export)
    truth_file = pathlib.Path(f"{export}.truth.json")
    truth = json.loads(truth_file.read_text())["wells"]
    truth_file.unlink()
    codes = {int(re.search(r"WELL(\d+)", path.name)[1]): path.parent.name for path in export.rglob("*_RUN1.*")}
    wells = {codes[well["well"]]: well["frames"] for well in truth}
    assert len(wells) == 2, codes
    count = sum(map(len, wells.values()))

    write_phases(export, wells, 1)
    (dataset,) = evaluate(export)[0]["datasets"]
    assert dataset["kind"] == "real", "without its truth file nothing says that it was rendered"
    assert dataset["frame_accuracy"]["frames"] == count and dataset["frame_accuracy"]["embryos"] == 2, dataset["frame_accuracy"]
    assert not any("disagree" in note for note in dataset["notes"]), dataset["notes"]
    plain = dataset["frame_accuracy"]["reader"]["value"]
    # The same annotations on another count of frames: never scored silently, and the same figure on the right line.
    write_phases(export, wells, 2)
    (dataset,) = evaluate(export)[0]["datasets"]
    assert any("disagree" in note for note in dataset["notes"]), dataset["notes"]
    assert dataset["frame_accuracy"]["frames"] == 0 and dataset["frame_accuracy"]["reader"] is None
    (dataset,) = evaluate(export, "--clock", "0.5,0")[0]["datasets"]
    assert dataset["frame_accuracy"]["frames"] == count
    assert abs(dataset["frame_accuracy"]["reader"]["value"] - plain) < 0.03
    for code in wells:
        (export / f"{code}_phases.csv").unlink()
    event_times(export, wells, folder / "events.csv")
    show(dataset)


def event_times(export, wells, table):
    """From the first event to the last one, of which one frame is known."""
    stages = ["tPB2", "tPNa", "tPNf", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "tM", "tSB", "tB", "tEB", "tHB"]
    labelled, seen = 0, 0
    with open(table, "w") as to:
        writer = csv.writer(to)
        writer.writerow(["video"] + [f"{stage}_h" for stage in stages])
        for code, frames in wells.items():
            first = {stage: next((f for f in frames if f["stage"] == stage), None) for stage in stages}
            writer.writerow([code] + ["" if f is None else f["time_s"] / 3600 for f in first.values()])
            reached = [f["run"] for f in first.values() if f]
            labelled += max(reached) - min(reached) + 1
            seen += len(reached) - 1
    (dataset,) = evaluate(export, "--events", table)[0]["datasets"]
    assert dataset["frame_accuracy"]["frames"] == labelled, (dataset["frame_accuracy"], labelled)
    assert sum(event["n"] for event in dataset["events"]) == seen, (dataset["events"], seen)
    (dataset,) = evaluate(export, "--known", "1-5=occupied")[0]["datasets"]
    assert dataset["occupied_accuracy"]["frames"] == 10 and dataset["frame_accuracy"]["frames"] == 0


def rendered_pictures(folder):
    """Marks and stills, drawn one by one."""
    marks = folder / "marks 1"
    (marks / "frames").mkdir(parents=True)
    rows = [("tPNa", "1", 20, ""), ("t2", "2", 28, "t2"), ("t4", "2", 40, "t4"), ("tM", "3", 90, "compacted"),
            ("tB", "3", 105, "full_blast")]
    with open(marks / "labels.csv", "w") as to:
        writer = csv.writer(to)
        writer.writerow(["file", "embryo", "class_folder", "frame", "hours_if_10min", "order_in_class", "event_inferred"])
        for embryo in range(2):
            for stage, kind, hours, event in rows:
                name = f"e{embryo}_{stage}.png"
                run("daybreak-simulate", "--still", stage, "--seed", 100 + embryo, "--out", marks / "frames" / name)
                writer.writerow([name, f"e{embryo}", kind, hours * 6, hours, 0, event])
        writer.writerow(["gone.png", "e1", "2", 0, 30, 0, "t2"])
        writer.writerow(["cut_off.png", "e1", "2", 0, 31, 0, "t2"])
    (marks / "frames/cut_off.png").write_bytes((marks / "frames/e1_t2.png").read_bytes()[:4000])
    stills = folder / "stills 1"
    stills.mkdir()
    for embryo, (stage, grade) in enumerate([("tSB", "1BB"), ("tB", "3AB-"), ("tHB", "6AA")]):
        for focal in (-15, 0, 15):
            run("daybreak-simulate", "--still", stage, "--seed", 200 + embryo, "--focal", focal, "--out",
                stills / f"{embryo}00_{focal}_{grade}.png")
    report, shown = evaluate(marks, stills, "--name", "drawn stills")
    of_marks, of_stills = report["datasets"]
    assert of_marks["embryos"] == 2 and of_marks["frames"] == 12 and of_marks["frames_read"] == 10, of_marks["frames_read"]
    assert of_marks["frame_accuracy"]["frames"] == 8 and of_marks["consistent"]["frames"] == 10, "a zygote leaves three stages open"
    assert of_marks["events"] == [], "single frames have no events"
    assert of_stills["embryos"] == of_stills["frames"] == 3 and of_stills["frame_accuracy"]["time_only"] is None
    assert of_stills["group_accuracy"]["frames"] == 3
    assert of_marks["name"] == "marks 1" and of_stills["name"] == "drawn stills" and "drawn stills" in shown
    show(of_marks)
    show(of_stills)


def wrong_use(path):
    for arguments, status in ((["/nowhere"], 1), ([], 2), ([path, "--clock", "x"], 2), ([path, "--known", "9-1=empty"], 2),
                              ([path, "--model", "nobody-1"], 1)):
        done = run("daybreak", "evaluate", *arguments, check=False)
        assert done.returncode == status and done.stderr.startswith("daybreak: "), (arguments, done.returncode, done.stderr)
    assert "DATASET" in run("daybreak", "evaluate", "--help").stdout


def real_sets():
    (film,) = evaluate(DATA / "nantes/AA83-7", "--interval", 15)[0]["datasets"]
    assert film["frame_accuracy"]["frames"] == 281 and film["event_f1"]["events"] == 10, film["frame_accuracy"]
    show(film)
    (other, named) = evaluate(DATA / "nantes/AAL839-6", "--interval", 15, DATA / "nantes/ZS435-5", "--known", "1-475=occupied",
                              "--known", "476-9999=empty")[0]["datasets"]
    assert named["occupied_accuracy"]["frames"] == 94 and other["occupied_accuracy"]["frames"] == 0, "options hold for one set"
    assert other["frame_accuracy"]["frames"] == 0 and any("disagree" in note for note in other["notes"]), other["notes"]
    slide = DATA / "pdb/D2014.04.24_S01082_I0132_D.pdb"
    (emptied,) = evaluate(slide, "--known", "1-475=occupied", "--known", "476-9999=empty")[0]["datasets"]
    assert emptied["occupied_accuracy"]["frames"] == 94 and emptied["occupied_accuracy"]["reader"]["value"] > 0.95
    (stork,) = evaluate(DATA / "stork")[0]["datasets"]
    assert stork["embryos"] == stork["group_accuracy"]["frames"] == 10
    show(stork)
    (theirs,) = evaluate(DATA / "labels/uoa_predictions.csv")[0]["datasets"]
    assert theirs["frames"] == 3209 and theirs["consistent"]["frame_only"]["value"] > 0.9
    show(theirs)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        path = rendered_film(folder)
        rendered_folder(folder)
        rendered_pictures(folder)
        wrong_use(path)
    if (DATA / "labels").is_dir():
        real_sets()
    else:
        print("skipped: no real data sets here")


if __name__ == "__main__":
    sys.exit(main())
