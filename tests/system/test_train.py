#!/usr/bin/python3
"""The training pipeline, very small: its loaders on layouts made here, then the one command from rendered records to a signed package
that the reader runs. How good such a network is does not matter. Skips where PyTorch is not installed: the product never needs it."""
import csv
import os
import pathlib
import subprocess
import sys
import tempfile

from programs import DATA, ROOT, program, run

TRAIN = ROOT / "appliance/reading/train"
sys.path.insert(0, str(TRAIN))


def check_loaders(folder):
    import data
    film = folder / "nantes/AB12-3"
    film.mkdir(parents=True)
    for number in (1, 2, 10):
        (film / f"D2014.04.24_S1082_I132_WELL7_RUN{number}.jpeg").write_bytes(b"")
    (folder / "nantes/AB12-3_phases.csv").write_text("tPNf,1,2\nt2,3,9\np9+,10,12\n")
    (folder / "nantes/AB12-3_timeElapsed.csv").write_text("frame_index,time\n1,0.5\n2,0.75\n10,2.75\n")
    seen = [(p.paths[0].name[-10:], p.stages, p.hours) for p in data.nantes(folder / "nantes")]
    assert seen == [("RUN1.jpeg"[-10:].rjust(10, "_"), [3], 0.5), ("_RUN2.jpeg", [3], 0.75), ("RUN10.jpeg", [11], 2.75)], seen

    stills = folder / "gardner"
    stills.mkdir()
    (stills / "1.png").write_bytes(b"")
    (stills / "Gardner_train_silver.csv").write_text("Image;EXP_silver;ICM_silver;TE_silver\n1.png;3;0;0\n")
    assert [p.stages for p in data.gardner(stills)] == [[15]]

    slide = folder / "D2026.01.31_S00007_I0003_D.pdb"
    run("daybreak-simulate", "--out", slide, "--wells", 1, "--runs", 4, "--planes", 1, "--side", 128, "--quiet")
    labels = folder / "labels.csv"
    labels.write_text("machine,slide,well,labeler,class,first_min,last_min,n_images\n3,7,1,Ann,2pn,0,110,1\n3,8,1,Ann,2 Cell,0,9999,1\n")
    assert [(p.embryo, p.stages) for p in data.uoa(slide, labels, folder)] == [("D2026.01.31_S00007_I0003_D_W1", [2])] * 2

    try:
        list(data.nantes(folder / "nowhere"))
        raise AssertionError("a set that is not there was loaded")
    except SystemExit as end:
        assert "Zenodo" in str(end)
    print("loaders: films by phases, Gardner stills, slides by run-length labels; a missing set is one sentence")


def check_pipeline(folder):
    run("daybreak-cuts", "--seed", 5, "--embryos", 34, "--per", 12, "--out", folder / "rendered.rec")
    subprocess.run([sys.executable, TRAIN / "train.py", "--rendered", folder / "rendered.rec", "--data", DATA, "--cutter", program("daybreak-cut"),
                    "--out", folder / "trained", "--version", "0.1", "--first", "128", "--second", "256", "--processes", "1"],
                   check=True, stdout=subprocess.DEVNULL, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
    folds = list(csv.DictReader(open(folder / "trained/folds.csv")))
    assert len({row["embryo"] for row in folds}) == 220, len(folds)
    run("daybreak", "model", "key", "--out", folder / "key.pem")
    run("daybreak", "model", "import", folder / "trained/network.onnx", "--manifest", folder / "trained/manifest.json",
        "--cuts", folder / "trained/cuts.bin", "--key", folder / "key.pem", "--out", folder / "daybreak-0.1.model")
    print(f"pipeline: records to a signed package; {len(folds)} real pictures, each read by a fold that had not seen its embryo")


def main():
    sys.dont_write_bytecode = True
    try:
        import onnx  # noqa: F401
        import scipy  # noqa: F401
        import torch  # noqa: F401
    except ImportError as missing:
        print(f"skipped: {missing}; the training pipeline needs python3-torch, python3-onnx, python3-scipy and python3-pil")
        return
    with tempfile.TemporaryDirectory() as folder:
        check_loaders(pathlib.Path(folder))
        if (DATA / "timelapse-marks").exists():
            check_pipeline(pathlib.Path(folder))
        else:
            print("pipeline skipped: no real data here")


main()
