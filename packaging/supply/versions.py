"""Which version is newer, as Debian and as npm say it."""
import re


def _order(character):
    """Debian: ~ before the end, the end before letters, letters before the rest."""
    if character == "~":
        return -1
    return ord(character) if character.isalpha() else ord(character) + 256


def _debian_part(text):
    """Pairs of a word without digits and a number; the empty word at the end counts as 0."""
    return [([_order(each) for each in word] + [0], int(number or 0))
            for word, number in re.findall(r"(\D*)(\d*)", text)]


def debian(version):
    """A key to sort Debian's versions by: [epoch:]upstream[-revision]."""
    epoch, _, rest = version.rpartition(":")
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return int(epoch or 0), _debian_part(upstream), _debian_part(revision or "0")


def npm(version):
    """A key to sort semantic versions by: a release is after its trials, numbers are before words."""
    number, _, trial = version.partition("+")[0].partition("-")
    trials = [(0, int(each), "") if each.isdigit() else (1, 0, each) for each in trial.split(".")] if trial else []
    return [int(each) for each in (number.split(".") + ["0", "0"])[:3]], not trials, trials
