#!/usr/bin/env python3
"""Fits the table of ../stage_estimate.c and writes ../stage_table.h.

Runs on Debian's python3-numpy and python3-scipy; the product never needs it. Pictures are cut and measured by the
product's own code (cuts_dump.c, features_dump.c), so nothing is computed in two ways. What may teach: sets whose licence
allows it (timelapse-marks, stork, blastomeres: MIT) and rendered embryos. Split by embryo, always.

    render.py --program daybreak-simulate --out FOLDER
    fit.py --data FOLDER --library FOLDER [--rendered FOLDER] [--only-report]

About eight minutes on one core. README.md beside this file is the model card.
"""
import argparse
import collections
import csv
import hashlib
import pathlib
import re
import subprocess
import tempfile

import numpy as np
from scipy import ndimage

HERE = pathlib.Path(__file__).resolve().parent
SIDE = 128
CLASSES = ["empty", "1", "2", "3", "4", "5", "6", "7-8", "9+", "M", "SB", "B", "EB", "HB"]
GROUP = np.array([0, 1, 2, 2, 2, 2, 2, 2, 2, 3, 4, 4, 4, 4])
HIDDEN, FOLDS, COPIES, EPOCHS = 32, 5, 8, 60
# Small networks side by side, each with its own chance; the second half also learns from rendered embryos. Their mean
# score is one network with the hidden units of all, so the table and the code know nothing of it.
MEMBERS = 4
WEIGHT_ONE, FEATURE_ONE, SCORE_ONE = 4096, 256, 256

EVENT_CLASS = {"t2": "2", "t3": "3", "t4": "4", "t5": "5", "t6": "6", "t8": "7-8", "compact_start": "9+", "compacted": "M",
               "cavitation_start": "SB", "full_blast": "B", "expand": "EB", "hatching_start": "HB"}


def kept_out(embryo):
    """What never teaches, because the product's own test (test_read_real.c) asks about it: a fifth of the marked
    embryos, and the ten blastocysts of stork."""
    return embryo[:1] == "s" or embryo[:1] == "e" and int(embryo[1:]) % 5 == 0


class Picture:
    """One cut with the classes a person's mark leaves open."""

    def __init__(self, source, embryo, path, allowed, weight=1.0):
        self.source, self.embryo, self.path, self.weight = source, embryo, path, weight
        self.allowed = [CLASSES.index(name) for name in allowed]
        self.cut, self.location = None, None


def late_classes(hours):
    """A mark of the last days without an event: what its time leaves open (medians of the marks that have one)."""
    if hours < 75:
        return ["9+", "M"]
    if hours < 84:
        return ["9+", "M", "SB"]
    if hours < 95:
        return ["M", "SB", "B", "EB"]
    return ["SB", "B", "EB"]


def marks(data):
    folder = data / "timelapse-marks"
    for row in csv.DictReader(open(folder / "labels.csv")):
        hours, kind, event = float(row["hours_if_10min"]), row["class_folder"], row["event_inferred"]
        if kind == "1":
            allowed = ["1"]
        elif event:
            allowed = [EVENT_CLASS[event]]
        elif kind == "2":
            allowed = ["2", "3", "4", "5", "6", "7-8"]
        elif kind == "3":
            allowed = late_classes(hours)
        else:
            continue
        yield Picture("marks", row["embryo"], folder / "frames" / row["file"], allowed, 1.0 if len(allowed) == 1 else 0.5)


def stork(data):
    by_expansion = {"1": ["SB", "B"], "2": ["SB", "B"], "3": ["B", "EB"]}
    for path in sorted((data / "stork").glob("*.jpg")):
        embryo, focal, grade = re.match(r"(\d+)_(-?\d+)_(.*)", path.stem).groups()
        # Planes far out of focus are no sharpest planes; a reader never sees them first.
        if abs(int(focal)) <= 15:
            yield Picture("stork", "s" + embryo, path, by_expansion[grade[0]])


def blastomeres(data):
    cells = {141: "2", 142: "3", 156: "3", 157: "4", 221: "7-8", 222: "7-8"}
    for path in sorted((data / "blastomeres").rglob("*.JPG")):
        yield Picture("blastomeres", "one", path, [cells[int(re.search(r"RUN(\d+)", path.name)[1])]])


def rendered(folder):
    """labels.csv: file,embryo,class"""
    if folder:
        for row in csv.DictReader(open(folder / "labels.csv")):
            yield Picture("rendered", row["embryo"], folder / row["file"], row["class"].split("|"), 0.5)


def build(library, folder, name, *sources):
    program = folder / name
    house = HERE.parents[1]
    subprocess.run(["cc", "-std=gnu17", "-O2", "-D_GNU_SOURCE", f"-I{house}", HERE / f"{name}.c", *sources, "-o", program,
                    f"-L{library}", "-lreading", "-lmodel", "-lbase", "-ljansson", "-lsqlite3", "-lmbedcrypto", "-lturbojpeg",
                    "-lpng", "-lpthread", "-lm"], check=True)
    return program


def load_cuts(program, pictures):
    text = "".join(f"{p.path}\n" for p in pictures)
    out = subprocess.run([program], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    record = np.frombuffer(out, np.uint8).reshape(len(pictures), 13 + SIDE * SIDE)
    kept = []
    for picture, row in zip(pictures, record):
        if row[0]:
            picture.location = row[1:13].copy().view(np.float32)
            picture.cut = row[13:].reshape(SIDE, SIDE)
            kept.append(picture)
    return kept


def measure(program, cuts):
    out = subprocess.run([program], input=np.ascontiguousarray(cuts, np.uint8).tobytes(), stdout=subprocess.PIPE,
                         check=True).stdout
    return np.frombuffer(out, np.int32).reshape(len(cuts), -1)


def relief(image, rng):
    """Turns brightfield towards the shaded relief of other optics: a slope in one direction, a lamp from the side."""
    angle = rng.uniform(0, 2 * np.pi)
    smooth = ndimage.gaussian_filter(image, rng.uniform(0.6, 1.6))
    slope = np.cos(angle) * ndimage.sobel(smooth, 1) + np.sin(angle) * ndimage.sobel(smooth, 0)
    slope *= image[20:108, 20:108].std() / (slope[20:108, 20:108].std() + 1e-6)
    share = rng.uniform(0.3, 1.0)
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    lamp = (np.cos(angle) * x + np.sin(angle) * y) / SIDE * rng.uniform(-60, 60)
    return image.mean() + (1 - share) * (image - image.mean()) + share * slope + lamp


def coarsen(image, rng):
    """As a camera of fewer pixels sees it."""
    small = ndimage.zoom(image, 1 / rng.uniform(1.2, 2.2), order=1)
    return ndimage.zoom(small, SIDE / np.array(small.shape), order=1)


def wall(image, rng):
    """The well's wall reaches into the picture: darker, sometimes with a bright rim, beyond a large circle."""
    angle, radius, reach = rng.uniform(0, 2 * np.pi), rng.uniform(70, 130), rng.uniform(38, 60)
    y, x = np.mgrid[:SIDE, :SIDE] - 63.5
    beyond = np.hypot(x - (reach - radius) * np.cos(angle), y - (reach - radius) * np.sin(angle)) - radius
    image = image - rng.uniform(20, 120) * np.clip(beyond / rng.uniform(3, 12), 0, 1)
    if rng.random() < 0.5:
        image = image + rng.uniform(20, 100) * np.exp(-(beyond / rng.uniform(1.5, 4)) ** 2)
    return image


def vary(cut, rng):
    """Another picture that shows the same: turned, mirrored, found a little off, other optics, light, focus, noise."""
    image = cut.astype(np.float32)
    if rng.random() < 0.5:
        image = image[:, ::-1]
    angle, zoom = rng.uniform(0, 2 * np.pi), rng.uniform(0.9, 1.12)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / zoom
    middle = np.array([63.5, 63.5])
    offset = middle - turn @ (middle + rng.uniform(-4, 4, 2))
    image = ndimage.affine_transform(image, turn, offset, order=1, mode="nearest")
    if rng.random() < 0.5:
        image = relief(image, rng)
    if rng.random() < 0.3:
        image = wall(image, rng)
    if rng.random() < 0.3:
        image = coarsen(image, rng)
    if rng.random() < 0.5:
        image = ndimage.gaussian_filter(image, rng.uniform(0.3, 1.3))
    mean = image.mean()
    image = mean + (image - mean) * rng.uniform(0.5, 1.3) + rng.uniform(-20, 20)
    image += rng.normal(0, rng.uniform(0.2, 4), image.shape)
    y, x = np.mgrid[:SIDE, :SIDE] - 63.5
    image = np.where(x * x + y * y <= 64 * 64, image, np.median(image))
    return np.clip(image, 0, 255).astype(np.uint8)


def nothing_there(pictures, rng, count):
    """What a wrong find would cut: well floor and walls beside the embryo, and flat fields with noise."""
    from PIL import Image
    found = []
    sources = [p for p in pictures if p.source == "marks"]
    while len(found) < count:
        picture = sources[rng.integers(len(sources))]
        frame = np.asarray(Image.open(picture.path).convert("L"), np.float32)
        x, y, r = picture.location
        radius = r * rng.uniform(0.6, 1.0)
        cx, cy = rng.uniform(radius, frame.shape[1] - radius), rng.uniform(radius, frame.shape[0] - radius)
        if np.hypot(cx - x, cy - y) < r + 0.75 * radius:
            continue
        scale = 2.5 * radius / SIDE
        cut = ndimage.affine_transform(frame, np.diag([scale, scale]), [cy - 64 * scale, cx - 64 * scale], (SIDE, SIDE), order=1,
                                       mode="constant", cval=float(np.median(frame)))
        if rng.random() < 0.3:
            cut = ndimage.gaussian_filter(cut, 20) + rng.normal(0, 2, cut.shape)
        low, high = np.percentile(cut[13:115, 13:115], [1, 99])
        span = max(high - low, 24)
        cut = np.clip(128 + (cut - (low + high) / 2) / span * 200, 0, 255).astype(np.uint8)
        # The next line keeps the split by embryo.
        empty = Picture("empty", picture.embryo, None, ["empty"])
        empty.cut = cut
        found.append(empty)
    return found


def forward(weights, z):
    hidden = np.maximum(z @ weights[0] + weights[1], 0)
    score = hidden @ weights[2] + weights[3]
    score -= score.max(1, keepdims=True)
    p = np.exp(score)
    return hidden, p / p.sum(1, keepdims=True)


def fit(z, allowed, weight, rng, epochs=EPOCHS, decay=2e-3):
    """One hidden layer; the loss asks only that the allowed classes together are likely. Adam, dropout on the inputs."""
    count, width = z.shape
    weights = [rng.normal(0, 0.09, (width, HIDDEN)), np.zeros(HIDDEN), rng.normal(0, 0.15, (HIDDEN, len(CLASSES))),
               np.zeros(len(CLASSES))]
    first, second = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    step, batch = 0, 128
    for epoch in range(epochs):
        rate = 2e-3 * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        for rows in np.array_split(rng.permutation(count), max(1, count // batch)):
            x = z[rows] * (rng.random((len(rows), width)) > 0.15)
            hidden, p = forward(weights, x)
            open_mass = (p * allowed[rows]).sum(1, keepdims=True) + 1e-9
            target = 0.95 * p * allowed[rows] / open_mass + 0.05 * allowed[rows] / allowed[rows].sum(1, keepdims=True)
            error = (p - target) * weight[rows, None] / len(rows)
            back = (error @ weights[2].T) * (hidden > 0)
            gradients = [x.T @ back, back.sum(0), hidden.T @ error, error.sum(0)]
            step += 1
            for i, g in enumerate(gradients):
                first[i] = 0.9 * first[i] + 0.1 * g
                second[i] = 0.999 * second[i] + 0.001 * g * g
                move = first[i] / (1 - 0.9 ** step) / (np.sqrt(second[i] / (1 - 0.999 ** step)) + 1e-8)
                weights[i] -= rate * (move + (decay / 2e-3 * weights[i] * 0.02 if i in (0, 2) else 0))
    return weights


def standardise(features, mean, spread):
    return np.clip((features - mean) / spread, -4, 4)


def groups_of(p):
    sums = np.zeros((len(p), 5))
    for c, g in enumerate(GROUP):
        sums[:, g] += p[:, c]
    return sums


def balance(allowed, weight):
    """Rare classes count more, by the root of their rarity."""
    mass = (allowed / allowed.sum(1, keepdims=True) * weight[:, None]).sum(0)
    per_class = np.sqrt(mass.mean() / (mass + 1))
    return weight * (allowed * per_class).sum(1) / allowed.sum(1)


class Study:
    """All pictures, their varied copies and features."""

    def __init__(self, pictures, program, rng):
        self.pictures = pictures
        self.allowed = np.zeros((len(pictures), len(CLASSES)))
        for i, p in enumerate(pictures):
            self.allowed[i, p.allowed] = 1
        self.weight = np.array([p.weight for p in pictures])
        self.plain = measure(program, np.stack([p.cut for p in pictures])).astype(float)
        self.varied = [measure(program, np.stack([vary(p.cut, rng) for p in pictures])).astype(float)
                       for _ in range(COPIES)]
        everything = np.concatenate([self.plain] + self.varied)
        self.mean = np.round(everything.mean(0))
        self.spread = np.maximum(everything.std(0), 1)
        self.scale = np.round(65536 / self.spread)

    def z(self, features):
        return standardise(features, self.mean, 65536 / self.scale)

    def train_member(self, rows, rng):
        z = np.concatenate([self.z(f[rows]) for f in [self.plain] + self.varied])
        allowed = np.tile(self.allowed[rows], (COPIES + 1, 1))
        weight = np.tile(self.weight[rows], COPIES + 1)
        return fit(z, allowed, balance(allowed, weight), rng)

    def train(self, rows, rng):
        real = np.array([r for r in rows if self.pictures[r].source != "rendered"])
        members = [self.train_member(real if m < MEMBERS // 2 else rows, rng) for m in range(MEMBERS)]
        return [np.concatenate([m[0] for m in members], 1), np.concatenate([m[1] for m in members]),
                np.concatenate([m[2] for m in members]) / MEMBERS, np.mean([m[3] for m in members], 0)]


def cross_validate(study, rng):
    """Probabilities of every picture from a fit that never saw its embryo; on varied pictures too, for calibration."""
    fold = np.array([0 if kept_out(p.embryo) else 1 + int(hashlib.sha256(p.embryo.encode()).hexdigest(), 16) % (FOLDS - 1)
                     for p in study.pictures])
    plain = np.zeros((len(fold), len(CLASSES)))
    for f in range(FOLDS):
        # The embryos that are kept out teach no fold either, so each fold is as good as what ships, or a little worse.
        weights = study.train(np.where((fold != f) & (fold != 0))[0], rng)
        plain[fold == f] = forward(weights, study.z(study.plain[fold == f]))[1]
    return plain


def report(study, p):
    groups = groups_of(p)
    truth = [{GROUP[c] for c in picture.allowed} for picture in study.pictures]
    single = np.array([len(t) == 1 for t in truth])
    right = np.array([g in t for g, t in zip(groups.argmax(1), truth)])
    for source in ("marks", "stork", "blastomeres", "empty", "rendered"):
        rows = single & np.array([q.source == source for q in study.pictures])
        if rows.any():
            embryos = len({q.embryo for q, r in zip(study.pictures, rows) if r})
            print(f"{source}: {rows.sum()} pictures of {embryos} embryos, group right {right[rows].mean():.3f}")
    table = collections.Counter((min(t), g) for t, g, s, q in zip(truth, groups.argmax(1), single, study.pictures)
                                if s and q.source == "marks")
    for t in range(5):
        print("   true", t, [table[(t, g)] for g in range(5)])
    cells = np.array([len(q.allowed) == 1 and 1 <= q.allowed[0] <= 8 and q.source == "marks" for q in study.pictures])
    bins = np.array([0, 1, 2, 3, 3, 4, 4, 4, 5, 6, 7, 7, 7, 7])
    said = np.stack([p[:, bins == b].sum(1) for b in range(8)], 1).argmax(1)
    true = np.array([bins[q.allowed[0]] for q in study.pictures])
    print(f"cells (1, 2, 3-4, 5-8, 9+): {np.mean(said[cells] == true[cells]):.3f} of {cells.sum()}")
    for b in range(1, 6):
        print("   true", b, [int(((true == b) & cells & (said == c)).sum()) for c in range(8)])
    return groups, right, single


def calibration(groups, right, single):
    """Share right at 0, 1/16 .. 16/16 of the top group's probability: a kernel mean, made to rise."""
    top = groups.max(1)[single]
    hit = right[single]
    values = []
    for i in range(17):
        w = np.exp(-0.5 * ((top - i / 16) / 0.08) ** 2)
        values.append((w @ hit + 0.5) / (w.sum() + 1.5))
    return np.round(1000 * np.maximum.accumulate(values)).astype(int)


def c_array(name, kind, values, width=30):
    def row(numbers):
        return ", ".join(str(int(v)) for v in numbers)
    if values.ndim == 2:
        body = ",\n".join("    {" + ",\n     ".join(row(r[i:i + width]) for i in range(0, len(r), width)) + "}" for r in values)
        size = f"[{values.shape[0]}][{values.shape[1]}]"
    else:
        body = ",\n".join("    " + row(values[i:i + width]) for i in range(0, len(values), width))
        size = f"[{len(values)}]"
    return f"static const {kind} {name}{size} = {{\n{body},\n}};\n"


def write_table(study, weights, confidence, unfamiliar, path):
    def fixed(w, one):
        return np.clip(np.round(w * one), -32767, 32767)
    nat = 1 / np.log(2)
    parts = [
        ("feature_mean", "int32_t", study.mean), ("feature_scale", "int32_t", study.scale),
        ("hidden_weight", "int16_t", fixed(weights[0].T, WEIGHT_ONE)), ("hidden_bias", "int32_t", np.round(weights[1] * FEATURE_ONE)),
        ("class_weight", "int16_t", fixed(weights[2].T * nat, WEIGHT_ONE)),
        ("class_bias", "int32_t", np.round(weights[3] * nat * SCORE_ONE)),
        ("unfamiliar_step", "int32_t", unfamiliar), ("confidence_at", "int16_t", confidence)]
    body = "\n".join(c_array(*part) for part in parts)
    text = ("/* Made by train/fit.py; not to be edited. What each table is for: stage_estimate.c. */\n#pragma once\n\n"
            f"#include <stdint.h>\n\nenum {{ HIDDEN_COUNT = {HIDDEN * MEMBERS}, UNFAMILIAR_STEPS = {len(unfamiliar)} }};\n\n"
            f"{body}")
    path.write_text(text)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=pathlib.Path, required=True)
    options.add_argument("--library", type=pathlib.Path, required=True, help="folder of libreading.a")
    options.add_argument("--rendered", type=pathlib.Path)
    options.add_argument("--only-report", action="store_true")
    args = options.parse_args()
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        room = HERE.parent
        cutter = build(args.library, folder, "cuts_dump")
        measurer = build(args.library, folder, "features_dump", room / "scales.c", room / "contour.c", room / "features.c")
        pictures = list(marks(args.data)) + list(stork(args.data)) + list(blastomeres(args.data)) + list(rendered(args.rendered))
        pictures = load_cuts(cutter, pictures)
        pictures += nothing_there(pictures, rng, 150)
        study = Study(pictures, measurer, rng)
    confidence = calibration(*report(study, cross_validate(study, rng)))
    print("confidence", confidence)
    if args.only_report:
        return
    teach = np.array([i for i, p in enumerate(pictures) if not kept_out(p.embryo)])
    weights = study.train(teach, rng)
    usual = np.concatenate([f[teach] for f in [study.plain] + study.varied[:3]])
    energy = (np.round(FEATURE_ONE * study.z(usual)) ** 2).mean(1)
    unfamiliar = np.percentile(energy, np.linspace(0, 100, 41)[1:])
    write_table(study, weights, confidence, unfamiliar, room / "stage_table.h")


if __name__ == "__main__":
    main()
