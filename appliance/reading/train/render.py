#!/usr/bin/env python3
"""Draws embryos for fit.py: each picture another embryo, all stages, both kinds of optics, in and a little out of focus.

    render.py --program daybreak-simulate --out FOLDER [--count 1400] [--seed 2]
"""
import argparse
import csv
import pathlib
import random
import subprocess

# stage of the simulator -> class of the table, how often
STAGES = {"empty": ("empty", 1), "tPB2": ("1", 1), "tPNa": ("1", 3), "tPNf": ("1", 1), "t2": ("2", 4), "t3": ("3", 3),
          "t4": ("4", 4), "t5": ("5", 3), "t6": ("6", 3), "t7": ("7-8", 3), "t8": ("7-8", 4), "t9": ("9+", 4), "tM": ("M", 4),
          "tSB": ("SB", 3), "tB": ("B", 4), "tEB": ("EB", 4), "tHB": ("HB", 2)}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--program", required=True)
    options.add_argument("--out", type=pathlib.Path, required=True)
    options.add_argument("--count", type=int, default=1400)
    options.add_argument("--seed", type=int, default=2)
    args = options.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    chance = random.Random(args.seed)
    with open(args.out / "labels.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "embryo", "class"])
        for number in range(args.count):
            stage = chance.choices(list(STAGES), [share for _, share in STAGES.values()])[0]
            seed = args.seed * 100000 + number
            subprocess.run([args.program, "--still", stage, "--seed", str(seed), "--share", f"{chance.random():.2f}",
                            "--focal", str(chance.choice([-15, 0, 0, 0, 15])),
                            "--optics", "hoffman" if chance.random() < 0.75 else "brightfield",
                            "--side", chance.choice(["500", "500", "350", "256"]), "--quiet",
                            "--out", args.out / f"{seed}.png"], check=True, stdout=subprocess.DEVNULL)
            table.writerow([f"{seed}.png", f"r{seed}", STAGES[stage][0]])


if __name__ == "__main__":
    main()
