"""Where pictures come from: one function a layout, each yielding Pictures. Data that is not there is one sentence that says
what to fetch. Everything is split by embryo, never by frame.

  rendered(path)      records of daybreak-cuts (cuts_render.c): our own embryos
  marks(folder)       timelapse-marks: frames at event marks, brightfield (MIT)
  stork(folder)       blastocyst stacks, the grade in the file name (MIT)
  blastomeres(folder) six frames with outlined cells (MIT)
  nantes(folder)      Gomez et al. 2022, doi 10.1016/j.dib.2022.108258 (Zenodo 7912264): research only, never in what ships
  uoa(slide, labels)  an EmbryoScope .pdb with run-length labels (machine, slide, well, labeler, class, first_min, last_min)
  gardner(folder)     Kromp et al. 2023, figshare 20123153: blastocyst stills with Gardner grades
"""
import csv
import pathlib
import re
import sqlite3
import subprocess

import numpy as np
import torch
import torch.nn.functional as F

from network import SIDE, STAGES

# Records of cuts_render.c.
RECORD = np.dtype([("made", "u1"), ("planes", "u1"), ("stage", "u1"), ("cells", "u1"), ("fragmentation", "<u2"),
                   ("uneven", "u1"), ("multinucleated", "u1"), ("hours10", "<u2"), ("embryo", "<u4"), ("optics", "u1"),
                   ("drawn_planes", "u1"), ("radius", "<u2"), ("side", "<u2"), ("off", "<u2"), ("size", "<u2"), ("focus", "i1"),
                   ("cavity", "u1"), ("decay", "u1"), ("zeros", "u1", 5), ("pixels", "u1", (3, SIDE, SIDE))])
CLEAVAGE = ["t2", "t3", "t4", "t5", "t6", "t7", "t8"]
UNKNOWN = 255


class Picture:
    """One time point: its planes' files, the stages that a person's mark leaves open, and what else is known."""

    def __init__(self, source, embryo, paths, stages, weight=1.0, hours=None, fragmentation=-1, uneven=UNKNOWN):
        self.source, self.embryo, self.paths, self.weight, self.hours = source, embryo, paths, weight, hours
        self.stages = [STAGES.index(s) for s in stages]
        self.fragmentation, self.uneven = fragmentation, uneven
        self.cut, self.location = None, None


def present(path, what):
    if not pathlib.Path(path).exists():
        raise SystemExit(f"{path} is not there: {what}")
    return pathlib.Path(path)


def rendered(path):
    """Memory-mapped records, and the rows worth learning from: a cut was made, and not beside the embryo."""
    records = np.memmap(present(path, "write it with daybreak-cuts (README.md beside this script)"), RECORD, "r")
    good = (records["made"] == 1) & (records["off"] < 400)
    return records, np.where(good)[0]


def late_stages(hours):
    """A mark of the last days without an event: what its time leaves open (medians of the marks that have one)."""
    if hours < 75:
        return ["t9", "tM"]
    if hours < 84:
        return ["t9", "tM", "tSB"]
    if hours < 95:
        return ["tM", "tSB", "tB", "tEB"]
    return ["tSB", "tB", "tEB"]


MARKS = {"PN_start": ["tPNa"], "PN_fade_or_last_PN": ["tPNa", "tPNf"], "t2": ["t2"], "t3": ["t3"], "t4": ["t4"], "t5": ["t5"],
         "t6": ["t6"], "t8": ["t8"], "compact_start": ["t8", "t9"], "compacted": ["tM"], "cavitation_start": ["tSB"],
         "full_blast": ["tB"], "expand": ["tEB"], "hatching_start": ["tHB"]}


def marks(folder):
    folder = present(folder, "fetch the time-lapse set with labels.csv (MIT)")
    for row in csv.DictReader(open(folder / "labels.csv")):
        hours, kind, event = float(row["hours_if_10min"]), row["class_folder"], row["event_inferred"]
        if event:
            stages = MARKS[event]
        elif kind == "1":
            stages = ["tPB2", "tPNa", "tPNf"]
        elif kind == "2":
            stages = CLEAVAGE
        elif kind == "3":
            stages = late_stages(hours)
        elif hours >= 95:
            stages = ["tSB", "tB", "tEB", "tHB"]
        else:
            continue
        yield Picture("marks", row["embryo"], [folder / "frames" / row["file"]], stages, 1.0 if event else 0.4, hours)


def stork(folder):
    """Grade 1: a cavity under half the volume; 2: over half; 3: full (Gardner 1999)."""
    expansion = {"1": ["tSB"], "2": ["tSB", "tB"], "3": ["tB", "tEB"], "4": ["tEB"], "5": ["tHB"], "6": ["tHB"]}
    stacks = {}
    for path in sorted(present(folder, "fetch the STORK slide with its grades (MIT)").glob("*.jpg")):
        embryo, focal, grade = re.search(r"(\d+)_(-?\d+)_(\w)", path.stem).groups()
        stacks.setdefault((embryo, grade), {})[int(focal)] = path
    for (embryo, grade), planes in stacks.items():
        # The stack as a reader gets it, and its middle planes one by one.
        for paths in [[planes[f] for f in sorted(planes)]] + [[planes[f]] for f in (-15, 0, 15) if f in planes]:
            yield Picture("stork", "s" + embryo, paths, expansion[grade], 0.7)


def blastomeres(folder):
    cells = {141: ["t2"], 142: ["t3"], 156: ["t3"], 157: ["t4"], 221: ["t7"], 222: ["t7", "t8"]}
    for path in sorted(present(folder, "fetch the outlined blastomeres (MIT)").rglob("*.JPG")):
        yield Picture("blastomeres", "one", [path], cells[int(re.search(r"RUN(\d+)", path.name)[1])])


def run_number(path):
    return int(re.search(r"RUN(\d+)", path.name)[1])


def nantes(folder):
    """<folder>/<code>/*.jpeg (or F0/<code>/), <code>_phases.csv: phase, first, last index of the frames in order of RUN."""
    folder = present(folder, "fetch Zenodo record 7912264 and unpack embryo_dataset.tar.gz and its annotations")
    for phases in sorted(folder.rglob("*_phases.csv")):
        code = phases.name.removesuffix("_phases.csv")
        frames = sorted((f for f in folder.rglob("*RUN*.jp*g") if code in f.parts), key=run_number)
        times = {}
        for elapsed in folder.rglob(f"{code}_timeElapsed.csv"):
            times = {int(row[0]): float(row[1]) for row in list(csv.reader(open(elapsed)))[1:]}
        for name, first, last in csv.reader(open(phases)):
            stage = "t" + name[1:].removesuffix("+")
            for frame in frames:
                if int(first) <= run_number(frame) <= int(last):
                    yield Picture("nantes", code, [frame], [stage], 1.0, times.get(run_number(frame)))


UOA = {"Empty": ["empty"], "1 Cell-No_PN": ["tPB2"], "2pn": ["tPNa"], "Syngamy": ["tPNa", "tPNf"], "1 Cell-Post_Syngamy": ["tPNf"],
       "2 Cell": ["t2"], "3 Cell": ["t3"], "4 Cell": ["t4"], "5 Cell": ["t5"], "6 Cell": ["t6"], "6-7Cell": ["t6", "t7"],
       "6-7 Cell": ["t6", "t7"], "7 Cell": ["t7"], "8 Cell": ["t8"], "9 Cell+": ["t9"], "9+ Cell": ["t9"], "Compacting": ["t9", "tM"],
       "Cavitating morula": ["tSB"], "Early blast": ["tSB"], "Blast-1": ["tSB"], "Blast-2": ["tB"], "Blastocyst": ["tB"],
       "Blast-3": ["tEB"], "Expanded Blastocyst": ["tEB"], "Blast-4": ["tEB", "tHB"]}


def uoa(slide, labels, unpacked):
    """slide: an EmbryoScope .pdb, D<date>_S<slide>_I<machine>*.pdb; labels: the run-length table; unpacked: a folder for frames."""
    slide = present(slide, "fetch the .pdb that the label table names by machine and slide")
    dish, machine = re.search(r"_S(\d+)_I(\d+)", slide.name).groups()
    spans = [row for row in csv.DictReader(open(present(labels, "fetch the label table in the UoA layout")))
             if int(row["machine"]) == int(machine) and int(row["slide"]) == int(dish) and row["class"] in UOA]
    with sqlite3.connect(f"file:{slide}?mode=ro", uri=True) as pdb:
        start = float(pdb.execute("select Val from GENERAL where Par = 'Fertilization'").fetchone()[0])
        for well, run, focal, time, image in pdb.execute("select Well, Run, Focal, Time, Image from IMAGES where Focal = 0"):
            minutes = (time - start) * 1440
            for row in spans:
                if int(row["well"]) == well and float(row["first_min"]) <= minutes <= float(row["last_min"]):
                    path = pathlib.Path(unpacked) / f"{slide.stem}_W{well}_R{run}.jpg"
                    path.write_bytes(image)
                    yield Picture("uoa", f"{slide.stem}_W{well}", [path], UOA[row["class"]], 1.0, minutes / 60)


def gardner(folder):
    """Images/ and Gardner_*.csv with columns Image and EXP*: 0..4 for expansion 1..5."""
    folder = present(folder, "fetch figshare 20123153 (Blastocyst_Dataset.zip) and unpack it")
    stages = [["tSB"], ["tSB", "tB"], ["tB"], ["tEB"], ["tHB"]]
    for table in sorted(folder.rglob("Gardner_*.csv")):
        text = table.read_text()
        for row in csv.DictReader(text.splitlines(), delimiter=";" if ";" in text.splitlines()[0] else ","):
            expansion = next((v for k, v in row.items() if k.startswith("EXP")), "")
            for path in folder.rglob(row["Image"]) if expansion.isdigit() else []:
                yield Picture("gardner", row["Image"], [path], stages[int(expansion)])


def cut(program, pictures):
    """Cuts by the product's own code; those in which no embryo was found are left out."""
    text = "".join("\t".join(map(str, p.paths)) + "\n" for p in pictures)
    out = subprocess.run([program], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    record = np.frombuffer(out, np.uint8).reshape(len(pictures), 13 + 3 * SIDE * SIDE)
    kept = []
    for picture, row in zip(pictures, record):
        if row[0]:
            picture.location = row[1:13].copy().view(np.float32)
            picture.cut = filled(row[13:].reshape(1, 3, SIDE, SIDE), row[:1])[0]
            kept.append(picture)
    return kept


def filled(pixels, planes):
    """Missing planes become copies of the sharpest one, as the reader does it. [n, 3, side, side], [n]."""
    pixels = np.array(pixels)
    for plane in (1, 2):
        missing = np.asarray(planes) <= plane
        pixels[missing, plane] = pixels[missing, 0]
    return pixels


def nothing_there(pictures, rng, count):
    """What a wrong find would cut: well floor and walls beside the embryo of the marks' frames, and flat fields with noise."""
    from PIL import Image
    found, sources = [], [p for p in pictures if p.source == "marks"]
    while len(found) < count:
        picture = sources[rng.integers(len(sources))]
        frame = torch.tensor(np.asarray(Image.open(picture.paths[0]).convert("L"), np.float32))[None, None]
        height, width = frame.shape[2:]
        x, y, r = picture.location
        radius = r * rng.uniform(0.6, 1.0)
        cx, cy = rng.uniform(radius, width - radius), rng.uniform(radius, height - radius)
        if np.hypot(cx - x, cy - y) < r + 0.75 * radius:
            continue
        half = 1.25 * radius
        where = torch.tensor([[[2 * half / width, 0, 2 * cx / width - 1], [0, 2 * half / height, 2 * cy / height - 1]]],
                             dtype=torch.float32)
        seen = F.grid_sample(frame, F.affine_grid(where, (1, 1, SIDE, SIDE), align_corners=False), padding_mode="border",
                             align_corners=False)[0, 0].numpy()
        if rng.random() < 0.3:
            seen = np.full_like(seen, np.median(seen)) + rng.normal(0, 2, seen.shape)
        low, high = np.percentile(seen[13:115, 13:115], [1, 99])
        seen = np.clip(128 + (seen - (low + high) / 2) / max(high - low, 24) * 200, 0, 255).astype(np.uint8)
        # The next line keeps the split by embryo.
        empty = Picture("beside", picture.embryo, [], ["empty"], 0.3)
        empty.cut = np.stack([seen] * 3)
        found.append(empty)
    return found
