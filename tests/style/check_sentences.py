#!/usr/bin/env python3
"""Every sentence of the box that a screen shows has its French; exits 1 and names those that lack it.

What a browser is told of an error is the sentence that err_set() got, made in English where the reason is known. So the sources are
read: in the rooms that a request reaches, each sentence of a kind that is told (what breaks inside is told by its kind alone) is
to have its line in the table, letter for letter, with {} where something is filled in. Run: tests/style/check_sentences.py"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFUSALS = ROOT / "appliance/serve/refusals.c"
CONSOLE = ROOT / "appliance/serve/console_phrases.c"
ROOMS = ["serve", "store", "intake", "model", "quality", "report"]
# Files that no request reaches: starting, copying and verifying, and tables that only the command line reads.
APART = {"serve": {"serve.c", "pages.c"}, "store": {"store.c", "store_verify.c", "migrations.c", "copies.c", "audit.c"},
         "intake": {"watch.c", "incoming.c", "timelines.c"}}
# What these say is shown in the console, but for what goes to a log or into a request.
SAID = ["appliance/work/plan.c", "appliance/work/plan_next.c", "appliance/update/window.c", "appliance/serve/agent.c", "sync/agent/endpoints.c",
        "sync/agent/enrol.c", "sync/agent/identity.c", "sync/agent/updates.c"]
INSIDE = {"ERR_NO_MEMORY", "ERR_IO", "ERR_DATABASE", "ERR_CRYPTO", "ERR_INTERNAL"}

TEXT = r'"(?:[^"\\]|\\.)*"'
RUN = re.compile(rf"{TEXT}(?:\s*(?:{TEXT}|PRI[a-z]+64))*")
CONVERSION = re.compile(r"%[-+ 0#]*\d*(?:\.\d+|\.\*)?(?:hh|h|ll|l|j|z|t)?[diouxXcsp]")


def calls(source, names):
    """The text between the brackets of each call, brackets and texts inside it whole."""
    for start in re.finditer(rf"\b(?:{names})\(", source):
        depth, at = 1, start.end()
        while depth:
            text = re.compile(TEXT).match(source, at)
            if text:
                at = text.end()
                continue
            depth += {"(": 1, ")": -1}.get(source[at], 0)
            at += 1
        yield source[start.end():at - 1]


def joined(run):
    """Neighbouring texts of C as one, {} for what is filled in."""
    parts = re.findall(rf"{TEXT}|PRI[a-z]+64", run)
    text = "".join("lld" if part.startswith("PRI") else part[1:-1] for part in parts)
    return CONVERSION.sub("{}", text).replace('\\"', '"').replace("%%", "%")


def sentences_of(source):
    for call in calls(source, "err_set"):
        if not INSIDE & set(re.findall(r"ERR_[A-Z_]+", call.split('"')[0])):
            yield from (joined(match[0]) for match in RUN.finditer(call))
    for call in calls(source, "notes_add|refuse|say_count"):
        yield from (joined(match[0]) for match in RUN.finditer(call))
    for call in calls(source, "err_add"):
        yield from (joined(match[0]) + ": {}" for match in RUN.finditer(call))


def wanted():
    kinds = (ROOT / "appliance/base/err.h").read_text()
    for sentence in re.findall(rf'X\(ERR_(?!NONE)[A-Z_]+, "[a-z-]+", ({TEXT})', kinds):
        yield sentence[1:-1], "base/err.h"
    for room in ROOMS:
        for path in sorted((ROOT / "appliance" / room).glob("*.c")):
            if path != REFUSALS and path.name not in APART.get(room, set()):
                for sentence in sentences_of(path.read_text()):
                    # what is filled in alone was made elsewhere; a word alone is a name
                    if " " in sentence.replace("{}", "").strip(" :"):
                        yield sentence, f"{room}/{path.name}"


def said():
    for name in SAID:
        source = re.sub(r"/\*.*?\*/|#include[^\n]*", "", (ROOT / name).read_text(), flags=re.S)
        inside = [call for call in calls(source, "err_set") if INSIDE & set(re.findall(r"ERR_[A-Z_]+", call))]
        for call in [*inside, *calls(source, "log_line|err_errno|json_pack")]:
            source = source.replace(call, "")
        for match in RUN.finditer(source):
            sentence = joined(match[0]).replace("dish{} ", "dishes ")  # the plural's end
            if len(sentence.replace("{}", "").split()) > 2:
                yield sentence, name


def missing_in(table, sentences):
    told = {joined(match[1]) for match in re.finditer(rf"\{{((?:{TEXT}\s*)+),", table.read_text())}
    # a part of a sentence that is told whole: "{} was refused: its entry {} is a link."
    parts = {re.sub(r"[.]$|: \{\}$", "", sentence.split("{} ", 1 if table == CONSOLE else -1)[-1]) for sentence in told}
    return {sentence: place for sentence, place in sentences if not {sentence, sentence + ": {}"} & (told | parts)}


def main():
    missing = missing_in(REFUSALS, wanted()) | missing_in(CONSOLE, said())
    for sentence, place in missing.items():
        print(f"{place}: no French for: {sentence}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
