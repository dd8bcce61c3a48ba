#!/usr/bin/env python3
"""Trains the reader's network, measures it, and writes what `daybreak model import` makes a package of.

    train.py --rendered RECORDS --data FOLDER --cutter PROGRAM --out FOLDER

Runs on Debian's python3-torch and python3-onnx; the product never needs it. RECORDS come from daybreak-cuts, PROGRAM is
daybreak-cut. One fixed seed; on one machine with one number of threads the same command gives the same weights.

Two phases. First the network sees rendered embryos only (what it then says of real ones is in rendered_only.csv). Then it sees both,
once for each of five folds over the real embryos (folds.csv: each picture as read by a network that never saw its embryo) and once with
all of them, which is what ships. Calibration comes from the folds and from rendered embryos kept apart.

    network.onnx    float weights            manifest.json   card, classes, calibration
    cuts.bin        pictures to set the activation ranges by, planes x 128 x 128 each
"""
import argparse
import copy
import csv
import datetime
import hashlib
import json
import math
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

import augment
import calibrate
import data
from calibrate import softmax
from network import FRAGMENTATION, MEAN, PLANES, SCALE, SIDE, STAGES, Network, export

FOLDS, BATCH, VARIED = 5, 64, 2
FRAGMENTATION_EDGES = [50, 100, 250, 500]


def fold_of(embryo):
    return int(hashlib.sha256(embryo.encode()).hexdigest(), 16) % FOLDS


class Pictures:
    """Pixels and targets side by side. stages: [n, 17] bool, those a mark leaves open; fragmentation: class or -1;
    uneven, multinucleated: 0, 1 or -1; weight: how often it is drawn."""

    def __init__(self, pixels, stages, fragmentation, uneven, multinucleated, weight, embryo):
        self.pixels, self.stages, self.weight, self.embryo = pixels, stages, weight, embryo
        self.fragmentation, self.uneven, self.multinucleated = fragmentation, uneven, multinucleated

    def draw(self, rows):
        pixels = torch.tensor(np.asarray(self.pixels[rows]))
        extra = [torch.tensor(getattr(self, name)[rows]) for name in ("fragmentation", "uneven", "multinucleated")]
        return pixels, torch.tensor(self.stages[rows]), *extra

    def part(self, rows):
        return Pictures(self.pixels[rows], self.stages[rows], self.fragmentation[rows], self.uneven[rows],
                        self.multinucleated[rows], self.weight[rows] / self.weight[rows].sum(), self.embryo[rows])


def balanced(stages, weight):
    """Rare stages are drawn more often, by the root of their rarity."""
    share = stages / stages.sum(1, keepdims=True)
    mass = (share * weight[:, None]).sum(0)
    rarity = np.sqrt(mass.sum() / np.maximum(mass, 1))
    weight = weight * (share * rarity).sum(1)
    return weight / weight.sum()


def known(values):
    return np.where(values == data.UNKNOWN, -1, values).astype(np.int64)


def from_records(records, rows):
    records = records[rows]
    stages = np.eye(len(STAGES), dtype=bool)[records["stage"]]
    countable = (records["cells"] >= 1) & (records["cells"] <= 9)
    fragmentation = np.where(countable, np.digitize(records["fragmentation"], FRAGMENTATION_EDGES), -1)
    pixels = data.filled(records["pixels"], records["planes"])
    return Pictures(pixels, stages, fragmentation, known(records["uneven"]), known(records["multinucleated"]),
                    balanced(stages, np.ones(len(records))), records["embryo"].astype(str))


def from_pictures(pictures):
    stages = np.zeros((len(pictures), len(STAGES)), bool)
    for row, picture in enumerate(pictures):
        stages[row, picture.stages] = True
    weight = np.array([p.weight for p in pictures])
    nothing = np.full(len(pictures), -1)
    return Pictures(np.stack([p.cut for p in pictures]), stages, nothing, nothing, nothing, balanced(stages, weight),
                    np.array([p.embryo for p in pictures]))


def standard(pixels):
    return ((pixels - MEAN) / SCALE).contiguous(memory_format=torch.channels_last)


def masked(loss, mask):
    return (loss * mask).sum() / mask.sum().clamp(min=1)


def loss_of(outputs, targets):
    stage, fragmentation, uneven, multinucleated = [o.float() for o in outputs[:4]]
    open_stages, bins, is_uneven, is_multinucleated = targets
    log = F.log_softmax(stage, 1)
    said = torch.logsumexp(log.masked_fill(~open_stages, -1e4), 1)
    loss = -said.mean() - 0.02 * log.mean()
    loss = loss + 0.2 * masked(F.cross_entropy(fragmentation, bins.clamp(min=0), reduction="none"), bins >= 0)
    for score, truth in ((uneven, is_uneven), (multinucleated, is_multinucleated)):
        each = F.binary_cross_entropy_with_logits(score[:, 0], truth.clamp(0, 1).float(), reduction="none")
        loss = loss + 0.2 * masked(each, truth >= 0)
    return loss


def train(network, sources, samples, rate, rng, name):
    """sources: [(Pictures, share of each batch)]. Adam with a cosine; returns the running mean of the weights."""
    network = copy.deepcopy(network).to(memory_format=torch.channels_last).train()
    mean = copy.deepcopy(network)
    steps = samples // BATCH
    keep = min(0.998, max(0, 1 - 8 / steps))
    optimiser = torch.optim.AdamW(network.parameters(), rate, weight_decay=0.02)
    counts = [round(share * BATCH) for _, share in sources]
    started, sum_loss = time.time(), 0
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        drawn = [p.draw(rng.choice(len(p.weight), n, p=p.weight)) for (p, _), n in zip(sources, counts)]
        pixels, *targets = [torch.cat(parts) for parts in zip(*drawn)]
        order = torch.randperm(len(pixels))
        x = standard(augment.vary(pixels[order]))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = network(x)
        loss = loss_of(outputs, [t[order] for t in targets])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5)
        optimiser.step()
        sum_loss += float(loss)
        with torch.no_grad():
            for kept, now in zip(mean.state_dict().values(), network.state_dict().values()):
                if kept.dtype.is_floating_point:
                    kept.mul_(keep).add_(now, alpha=1 - keep)
        if step % 100 == 99:
            print(f"{name}: step {step + 1} of {steps}, loss {sum_loss / 100:.3f}, "
                  f"{(step + 1) * BATCH / (time.time() - started):.0f} pictures/s", flush=True)
            sum_loss = 0
    return mean.eval()


@torch.no_grad()
def read(network, pixels):
    """Scores of each output, [n, width] each."""
    parts = [network(standard(torch.tensor(np.asarray(pixels[i:i + 256])).float())) for i in range(0, len(pixels), 256)]
    return [torch.cat(p).numpy() for p in zip(*parts)]


@torch.no_grad()
def read_varied(network, pixels, copies):
    varied = [augment.vary(torch.tensor(np.asarray(pixels))).to(torch.uint8).numpy() for _ in range(copies)]
    return read(network, np.concatenate(varied))


def describe(name, probabilities, pictures):
    """Exact marks only: top stage right, within one, by set."""
    for source in sorted({p.source for p in pictures}):
        rows = [i for i, p in enumerate(pictures) if p.source == source and len(p.stages) <= 2]
        top = probabilities[rows].argmax(1)
        right = np.mean([t in pictures[i].stages for t, i in zip(top, rows)])
        near = np.mean([min(abs(t - s) for s in pictures[i].stages) <= 1 for t, i in zip(top, rows)])
        embryos = len({pictures[i].embryo for i in rows})
        print(f"{name}: {source}, {len(rows)} pictures of {embryos} embryos: right {right:.3f}, within one stage {near:.3f}", flush=True)


def write_csv(path, probabilities, pictures):
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "embryo", "hours", "truth"] + STAGES)
        for row, picture in zip(probabilities, pictures):
            if picture.source == "marks":
                table.writerow([picture.paths[0].name, picture.embryo, picture.hours, "|".join(STAGES[s] for s in picture.stages)]
                               + [f"{v:.5f}" for v in row])


def second_phase(job):
    """One training of the second phase, in a process of its own: fold 0 .. FOLDS - 1 leaves out its embryos, None leaves out none.
    Returns the weights, and for a fold the scores of what it left out, plain and varied."""
    fold, weights, real, options = job
    start = Network()
    start.load_state_dict(weights)
    taught, _ = load_rendered(options)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed + (FOLDS if fold is None else fold))
    rng = np.random.default_rng(options.seed + (FOLDS if fold is None else fold))
    if fold is None:
        return train(start, [(taught, 0.5), (real, 0.5)], options.second, options.rate / 2, rng, "all").state_dict(), None, None
    held = np.array([fold_of(e) == fold for e in real.embryo])
    network = train(start, [(taught, 0.5), (real.part(~held), 0.5)], options.second // 4, options.rate / 2, rng, f"fold {fold + 1}")
    varied = read_varied(network, real.pixels[held], VARIED)[0].reshape(VARIED, held.sum(), -1).swapaxes(0, 1)
    return network.state_dict(), read(network, real.pixels[held])[0], varied


def train_all_and_folds(start, real, options):
    """The network that ships, and scores of every real picture by one that never saw its embryo: plain [n, 17], varied [n, VARIED, 17]."""
    jobs = [(fold, start.state_dict(), real, options) for fold in [None, *range(FOLDS)]]
    with torch.multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        (weights, _, _), *folds = pool.map(second_phase, jobs, chunksize=1)
    final = Network()
    final.load_state_dict(weights)
    plain, varied = np.zeros(real.stages.shape), np.zeros((len(real.stages), VARIED, len(STAGES)))
    for fold, (_, plain_scores, varied_scores) in enumerate(folds):
        held = np.array([fold_of(e) == fold for e in real.embryo])
        plain[held], varied[held] = plain_scores, varied_scores
    return final.eval(), plain, varied


def manifest(options, sets, calibration):
    return {"name": "daybreak", "version": options.version, "made": datetime.date.today().isoformat(),
            "summary": "Stage, cell count, fragmentation, evenness and multinucleation of one time point, up to three focal planes.",
            "training": sets, "input": {"planes": PLANES, "side": SIDE, "mean": MEAN, "scale": SCALE},
            "outputs": {"stage": {"classes": STAGES, "temperature": calibration["stage"]},
                        "fragmentation": {"bins_permille": FRAGMENTATION, "temperature": calibration["fragmentation"]},
                        "uneven": calibration["uneven"], "multinucleated": calibration["multinucleated"], "embedding": {}},
            "confidence": calibration["confidence"], "unfamiliar": calibration["unfamiliar"]}


def load_real(options):
    root = options.data
    pictures = list(data.marks(root / "timelapse-marks")) + list(data.stork(root / "stork")) + list(data.blastomeres(root / "blastomeres"))
    pictures = data.cut(options.cutter, pictures)
    return pictures + data.nothing_there(pictures, np.random.default_rng(options.seed), 150)


def what_is_familiar(final, real, rendered, apart):
    """Real pictures count as much as rendered ones; a varied copy of each stands for other makers."""
    some = rendered.part(slice(None, None, 4))
    as_it_is, varied = read(final, real.pixels)[4], read_varied(final, real.pixels, 1)[4]
    taught = np.concatenate([as_it_is, as_it_is, varied, read(final, some.pixels)[4]])
    stages = np.concatenate([real.stages] * 3 + [some.stages])
    kept = np.concatenate([read(final, apart.pixels)[4], read_varied(final, real.pixels, 1)[4]])
    return calibrate.unfamiliar(taught, stages / stages.sum(1, keepdims=True), kept)


def load_rendered(options):
    """What teaches, and what is kept apart to calibrate with."""
    records, good = data.rendered(options.rendered)
    apart = records["embryo"][good] % 25 == 0
    return from_records(records, good[~apart]), from_records(records, good[apart])


def count_sets(pictures, rendered):
    licences = {"marks": ("timelapse-marks", "MIT"), "stork": ("stork", "MIT"), "blastomeres": ("blastomeres", "MIT"),
                "beside": ("empty places in timelapse-marks", "MIT")}
    sets = [{"set": name, "pictures": sum(p.source == source for p in pictures),
             "embryos": len({p.embryo for p in pictures if p.source == source}), "licence": licence}
            for source, (name, licence) in licences.items()]
    return sets + [{"set": "rendered by daybreak-simulate", "pictures": len(rendered.stages),
                    "embryos": len(set(rendered.embryo)), "licence": "Apache-2.0"}]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rendered", type=pathlib.Path, required=True)
    options.add_argument("--data", type=pathlib.Path, required=True)
    options.add_argument("--cutter", type=pathlib.Path, required=True)
    options.add_argument("--out", type=pathlib.Path, required=True)
    options.add_argument("--version", default="2.0")
    options.add_argument("--first", type=int, default=200000, help="pictures shown in the first phase")
    options.add_argument("--second", type=int, default=200000, help="in the second; a quarter as many for each fold")
    options.add_argument("--rate", type=float, default=2e-3)
    options.add_argument("--threads", type=int, default=1, help="of each process; more than one collapses on a busy machine")
    options.add_argument("--processes", type=int, default=2, help="trainings of the second phase side by side")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--start", type=pathlib.Path, help="first.pt of an earlier run: go on with the second phase")
    options = options.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    rng = np.random.default_rng(options.seed)

    pictures = load_real(options)
    real = from_pictures(pictures)
    rendered, rendered_apart = load_rendered(options)
    print(f"{len(rendered.stages)} rendered pictures to learn from, {len(rendered_apart.stages)} apart, {len(pictures)} real ones", flush=True)

    if options.start:
        first = Network()
        first.load_state_dict(torch.load(options.start))
        first.eval()
    else:
        first = train(Network(), [(rendered, 1.0)], options.first, options.rate, rng, "rendered")
        torch.save(first.state_dict(), options.out / "first.pt")
    scores = read(first, rendered_apart.pixels)[0]
    print(f"rendered apart: right {(scores.argmax(1) == rendered_apart.stages.argmax(1)).mean():.3f} of {len(scores)}", flush=True)
    only = softmax(read(first, real.pixels)[0])
    describe("rendered only", only, pictures)
    write_csv(options.out / "rendered_only.csv", only, pictures)

    final, plain, varied = train_all_and_folds(first, real, options)
    torch.save(final.state_dict(), options.out / "final.pt")
    describe("held out", softmax(plain), pictures)
    calibration = calibrate.fit(plain, varied, real, final, rendered_apart, read)
    write_csv(options.out / "folds.csv", softmax(plain / calibration["stage"]), pictures)
    turn, calibration["unfamiliar"] = what_is_familiar(final, real, rendered, rendered_apart)
    export(final, turn, options.out / "network.onnx")
    (options.out / "manifest.json").write_text(json.dumps(manifest(options, count_sets(pictures, rendered), calibration), indent=1))
    sample = np.concatenate([real.pixels[::4], rendered_apart.pixels[:256]])
    (options.out / "cuts.bin").write_bytes(np.ascontiguousarray(sample).tobytes())


if __name__ == "__main__":
    sys.exit(main())
