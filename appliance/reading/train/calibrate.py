"""What makes scores honest: temperatures, tables from "how sure" to "how often right", and what looks familiar.

Everything is fitted on pictures that the network did not learn from: real ones as read by the fold that never saw their embryo (plain
and varied, because another maker's optics are the case that matters) and rendered ones of embryos kept apart.
"""
import numpy as np
from scipy import optimize

CELLS = np.array([0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0])  # of each stage; 0: not countable
STEPS = 41
SURE = np.arange(17) / 16


def softmax(scores):
    p = np.exp(scores - scores.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True)


def stage_temperature(scores, stages):
    def loss(log_t):
        p = softmax(scores / np.exp(log_t))
        return -np.log((p * stages).sum(1) + 1e-6).mean()
    return float(np.exp(optimize.minimize_scalar(loss, bounds=(-0.7, 1.5), method="bounded").x))


def class_temperature(scores, classes):
    rows = classes >= 0
    return stage_temperature(scores[rows], np.eye(scores.shape[1], dtype=bool)[classes[rows]])


def logistic(scores, truth):
    """Temperature and bias of one score: sigmoid((score + bias) / temperature)."""
    rows = truth >= 0
    score, true = scores[rows, 0], truth[rows]

    def loss(x):
        z = (score + x[1]) / np.exp(x[0])
        return np.logaddexp(0, np.where(true == 1, -z, z)).mean()
    x = optimize.minimize(loss, [0.0, 0.0], method="Nelder-Mead").x
    return {"temperature": float(np.exp(x[0])), "bias": float(x[1])}


def share_right(sure, right):
    """Permille right at 0, 1/16 .. 1 of the top's probability: a kernel mean, made to rise."""
    values = []
    for at in SURE:
        w = np.exp(-0.5 * ((sure - at) / 0.08) ** 2)
        values.append((w @ right + 0.3) / (w.sum() + 1.0))
    return np.round(1000 * np.maximum.accumulate(values)).astype(int).tolist()


def confidence(probability, stages):
    exact = stages.sum(1) <= 2
    p, s = probability[exact], stages[exact]
    stage = share_right(p.max(1), s[np.arange(len(s)), p.argmax(1)].astype(float))
    by_cells = np.stack([p[:, CELLS == c].sum(1) for c in range(10)], 1)
    true_cells = np.stack([s[:, CELLS == c].any(1) for c in range(10)], 1)
    count = by_cells[:, 1:].argmax(1) + 1
    countable = by_cells[:, 0] < 0.5
    sure = by_cells[np.arange(len(count)), count]
    return {"stage": stage, "cells": share_right(sure[countable], true_cells[np.arange(len(count)), count][countable].astype(float))}


def unfamiliar(taught, stages, kept):
    """How far a picture lies from the middle of the nearest stage, in spreads of what teaches (Lee et al. 2018, arXiv 1807.03888): the
    turn that makes every direction of the embedding within a stage equally wide, the stages' middles after it, and the
    distances that familiar pictures have. taught, kept: embeddings; stages: [n, 17], shares of each taught picture."""
    middles = stages.T @ taught / stages.sum(0)[:, None]
    within = taught - stages @ middles
    width, axes = np.linalg.eigh(within.T @ within / len(within))
    turn = axes / np.sqrt(width + 1e-3 * width.max())
    distance = np.stack([(((kept - m) @ turn) ** 2).sum(1) for m in middles], 1).min(1)
    return turn, {"centroids": np.round(middles @ turn, 5).tolist(), "weight": [1.0] * len(turn),
                  "steps": np.percentile(distance, np.linspace(0, 100, STEPS)).round(5).tolist()}


def fit(plain, varied, real, final, rendered_apart, read):
    """plain [n, 17] and varied [n, copies, 17]: scores of the real pictures from the folds."""
    marked, copies = real.stages.sum(1) <= 2, varied.shape[1]
    scores = np.concatenate([plain[marked], varied[marked].reshape(-1, plain.shape[1])])
    stages = np.concatenate([real.stages[marked], real.stages[marked].repeat(copies, 0)])
    temperature = stage_temperature(scores, stages)
    outputs = read(final, rendered_apart.pixels)
    return {"stage": temperature, "fragmentation": class_temperature(outputs[1], rendered_apart.fragmentation),
            "uneven": logistic(outputs[2], rendered_apart.uneven),
            "multinucleated": logistic(outputs[3], rendered_apart.multinucleated),
            "confidence": confidence(softmax(scores / temperature), stages)}
