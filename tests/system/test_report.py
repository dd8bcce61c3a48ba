#!/usr/bin/env python3
"""A lab's morning on paper: a rendered slide is marked, graded, noted, decided on, signed and witnessed, and its report, in
both languages and both variants, is read back with pdftotext: every word is there, the font is inside, and what patients get
holds no score. JSON and CSV say the same."""
import csv
import io
import json
import pathlib
import re
import subprocess
import sys

from programs import ROOT, run

sys.path.insert(0, str(ROOT / "tests/api"))
from daemon import ADMIN, PASSWORD, Client, Contract, Daemon, wait_for  # noqa: E402

# The identifier is what a spreadsheet would take for a formula.
NAME, IDENTIFIER, WITNESS = "Éloïse Dvořák-Lefèvre", "=R-0001", "Benoît"
WELLS, RUNS, EMPTY = 4, 26, 1
SCORES = re.compile(r"Rank|Rang|Flag|Signaux|confidence|confiance|not computable|non calculable|NEQsi|4AB|%|[Pp]ronu|hCG|Signed|Signé|Benoît|verified|vérifié", re.I)


def quiet(client):
    return wait_for("the evaluations", lambda: not any(client.get("/api/board").json["work"][s] for s in ("pending", "running")), 120)


def clinic(daemon, client):
    """Gives cycle and embryos by well; well 1 is marked, graded, noted, decided on and signed, well 2 decided on twice."""
    slide = daemon.folder / "D2026.01.05_S00001_I0001.pdb"
    run("daybreak-simulate", "--seed", 11, "--wells", WELLS, "--empty", EMPTY, "--runs", RUNS, "--planes", 1, "--interval", 16200,
        "--out", slide, "--quiet")
    assert client.post(f"/api/imports?name={slide.name}", slide.read_bytes()).status == 202
    wait_for("the slide", lambda: client.get("/api/board").json["inbox"], 120)
    quiet(client)
    patient = client.post("/api/patients", {"name": NAME, "identifier": IDENTIFIER, "born": "1990-02-03"}).json["id"]
    cycle = client.post("/api/cycles", {"patient": patient, "label": "premier cycle", "method": "ICSI",
                                        "decision": "2026-11-21T07:30:00Z"}).json["id"]
    dish = client.get("/api/board").json["inbox"][0]
    assert client.post(f"/api/dishes/{dish['dish']}/assign", {"cycle": cycle}).status == 204
    embryos = {entry["well"]: entry["embryo"] for entry in dish["ranking"]}
    first, second = (f"/api/embryos/{embryos[well]}" for well in (1, 2))
    for path, body in ((f"{first}/annotations", {"event": "t2", "run": 6}), (f"{first}/annotations", {"event": "t5", "absent": True}),
                       (f"{first}/grade", {"expansion": 4, "icm": "A", "te": "B"}),
                       (f"{first}/grade", {"stage": "morula", "quality": "intermediate"}),
                       (f"{first}/observations", {"kind": "pronuclei", "value": "2.1", "run": 2}),
                       (f"{first}/observations", {"kind": "fragmentation-4-cell", "value": "15"}),
                       (f"{first}/comments", {"text": "zona thin at 3 o'clock", "run": 20}),
                       (f"{first}/decisions", {"decision": "transfer", "reason": "good expansion; œuf n° 1"}),
                       (f"{second}/decisions", {"decision": "culture", "reason": "one more day"}),
                       (f"{second}/decisions", {"decision": "discard", "reason": "arrested"})):
        assert client.post(path, body).status in (201, 204), path
    sign_and_follow(daemon, client, first)
    quiet(client)
    return cycle, embryos


def sign_and_follow(daemon, client, embryo):
    """Who decided signs, another person witnesses and notes something else, and weeks later the outcome is known."""
    run("daybreak", "user", "--store", daemon.store, "--user", WITNESS, "--role", "embryologist",
        "--password-file", daemon.folder / "password")
    decision = client.get(embryo).json["decisions"][0]["id"]
    for meaning, name in (("author", ADMIN), ("witness", WITNESS)):
        signed = client.post("/api/signatures", {"decisions": [decision], "name": name, "password": PASSWORD, "meaning": meaning})
        assert (signed.status, signed.json) == (200, {"signed": 1}), signed.body
    witness = Client(daemon, Contract(), WITNESS)
    for body in ({"kind": "pronuclei", "value": "2"}, {"kind": "outcome-hcg", "value": "yes", "day": "2026-12-01"}):
        assert witness.post(f"{embryo}/observations", body).status in (201, 204), body


def text_of(path):
    return subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout


def pages_of(text):
    return [page for page in text.split("\f") if page.strip()]


def check_fonts(path):
    rows = subprocess.run(["pdffonts", path], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    assert rows, "no font"
    for row in rows:
        embedded, subset, unicode_ = row.split()[-5:-2]
        assert "DejaVuSans" in row and (embedded, unicode_) == ("yes", "yes"), row


def check_every_page(pages, language, patient_facing):
    of = "of" if language == "en" else "sur"
    sentence = "supports a decision; it does not make one" if language == "en" else "aide à décider ; il ne décide pas"
    for number, page in enumerate(pages, 1):
        assert NAME in page and IDENTIFIER in page, f"page {number} names its patient"
        assert f"Page {number} {of} {len(pages)}" in page, page[-400:]
        assert sentence in page and "daybreak-evaluation" in page and "UTC" in page, page[-400:]
        assert "\ufffd" not in page and "[U+" not in page
    assert not patient_facing or not SCORES.search("".join(pages)), SCORES.search("".join(pages))


def check_lab(pages, language):
    text = "\n".join(pages)
    english = language == "en"
    assert len(pages) == 1 + (WELLS - EMPTY) + 1 + 1, f"{len(pages)} pages: the first, one an embryo, a second of well 1, the sources"
    for word in ("3 Feb 1990", "ICSI", "21 Nov 2026, 07:30 UTC", "Transfer", "not computable: needs", "unverified", "did not happen",
                 "the well is empty", "good blastocyst", "Before: Culture on", f"Witnessed by {WITNESS}, ", "Fragmentation, 4",
                 "intermediate", "hCG positive", "yes", "1 Dec 2026", "not signed on the screen",
                 "I made this decision") if english else \
                ("3 févr. 1990", "Transférer", "non calculable : il faut", "non vérifié", "n’a pas eu lieu",
                 "le puits est vide", "bon blastocyste", "Avant : Poursuivre la culture", f"Témoin : {WITNESS}, ",
                 "Fragmentation, 4", "intermédiaire", "hCG positive", "oui", "1 déc. 2026", "non signé à l’écran",
                 "J’ai pris cette décision"):
        assert word in text, f"{word} is not in the report"
    for word in ("premier cycle", "4AB", "NEQsi", "15 %", "2.1", "zona thin at 3 o'clock", "good expansion; œuf n° 1", ADMIN, "Basile et al. 2015", "Meseguer 2011"):
        assert word in text, f"{word} is not in the report"
    if not english:
        chapters = "\n".join(pages[:-1])
        left = re.search(r"\bneeds\b|not computable|\breadings?\b|\bframes?\b|Its compared|graded", chapters)
        assert not left, f"{left} is English"


def check_patient(pages, language):
    text = "\n".join(pages)
    wells = re.findall(r"(?:Well|Puits) (\d+)", text)
    assert wells == [str(n) for n in range(1, WELLS - EMPTY + 1)], wells
    for secret in ("good expansion", "arrested", "one more day", ADMIN, "Basile", "zona thin"):
        assert secret not in text, f"{secret} is in the report for patients"
    assert ("Chosen for transfer" if language == "en" else "Choisi pour le transfert") in text


def reports(daemon, client, cycle):
    folder = pathlib.Path(daemon.folder)
    for language in ("en", "fr"):
        for variant, flags, check in (("lab", [], check_lab), ("patient", ["--patient-facing"], check_patient)):
            path = folder / f"{variant}-{language}.pdf"
            run("daybreak", "report", "--store", daemon.store, "--cycle", cycle, "--language", language, *flags, "--out", path)
            assert path.stat().st_mode & 0o777 == 0o600
            pages = pages_of(text_of(path))
            check_every_page(pages, language, variant == "patient")
            check(pages, language)
            check_fonts(path)
            asked = folder / "asked.pdf"
            asked.write_bytes(client.get(f"/api/cycles/{cycle}/report.pdf?variant={variant}&language={language}").body)
            same = [re.sub(r"(made|établi le) .*", "", text) for text in (text_of(asked), "\f".join(pages))]
            assert same[0].split() == same[1].split(), "the API and the command line say the same"
            print(f"{variant} {language}: {len(pages)} pages, {path.stat().st_size // 1000} kB")


def data(daemon, client, cycle, embryos):
    """JSON and CSV, by the command line and the API, tell what the PDF tells."""
    files = {}
    for ending in ("json", "csv"):
        path = pathlib.Path(daemon.folder) / f"report.{ending}"
        run("daybreak", "report", "--store", daemon.store, "--cycle", cycle, "--format", ending, "--out", path)
        files[ending] = path.read_bytes()
        when = rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"
        asked = client.get(f"/api/cycles/{cycle}/report.{ending}").body
        assert re.sub(when, b"", asked) == re.sub(when, b"", files[ending]), "the API and the command line say the same"
    facts = json.loads(files["json"])
    first = next(entry for entry in facts["dishes"][0]["embryos"] if entry["well"] == 1)
    assert facts["patient"] == {"name": NAME, "identifier": IDENTIFIER, "born": "1990-02-03"}
    assert [(word["kind"], word["value"], word["author"]) for word in first["observations"]] == [
        ("pronuclei", "2.1", ADMIN), ("fragmentation-4-cell", "15", ADMIN), ("pronuclei", "2", WITNESS), ("outcome-hcg", "yes", WITNESS)]
    assert [entry["name"] for entry in first["decisions"][0]["signatures"]] == [ADMIN, WITNESS]
    assert files["csv"].startswith(b"\xef\xbb\xbf") and b"\r\n" in files["csv"]
    rows = list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"), newline=""), strict=True))
    assert {int(row["embryo"]) for row in rows} == set(embryos.values()) and all(None not in row for row in rows)
    row = next(row for row in rows if row["well"] == "1")
    wanted = {"patient": NAME, "identifier": "'" + IDENTIFIER, "method": "ICSI", "t2_source": "human", "t2_author": ADMIN, "t5_source": "absent",
              "t5_s": "", "grade_blastocyst": "4AB", "grade_morula": "intermediate", "pronuclei": "2", "pronuclei_author": WITNESS,
              "fragmentation-4-cell": "15", "outcome-hcg_day": "2026-12-01", "decision": "transfer", "signed_by": ADMIN,
              "witnessed_by": WITNESS, "decision_reason": "good expansion; œuf n° 1", "report_digest": facts["digest"]}
    assert {name: row[name] for name in wanted} == wanted, {name: row[name] for name in wanted}
    assert "zona thin at 3 o'clock" in row["comments"] and row["signed"].endswith("Z")
    assert "culture" in next(row for row in rows if row["well"] == "2")["decisions_before"]
    print(f"csv: {len(row)} columns, {len(rows)} lines; json: {len(files['json']) // 1000} kB")


def refusals(daemon, cycle):
    out = daemon.folder / "none.pdf"
    for arguments, status in ((["--cycle", 99, "--out", out], 1), (["--cycle", cycle], 2), (["--cycle", "x", "--out", out], 2),
                              (["--cycle", cycle, "--language", "de", "--out", out], 2), (["--cycle", cycle, "--format", "doc", "--out", out], 2),
                              (["--cycle", cycle, "--format", "csv", "--patient-facing", "--out", out], 1)):
        assert run("daybreak", "report", "--store", daemon.store, *arguments, check=False).returncode == status, arguments
    assert not out.exists()
    log = daemon.log_text()
    assert NAME not in log and IDENTIFIER not in log


def main():
    daemon = Daemon()
    try:
        client = Client(daemon, Contract(), ADMIN)
        cycle, embryos = clinic(daemon, client)
        reports(daemon, client, cycle)
        data(daemon, client, cycle, embryos)
        refusals(daemon, cycle)
        run("daybreak", "verify", "--store", daemon.store)
    finally:
        if len(sys.argv) < 2:
            daemon.remove()
        else:
            daemon.stop()
            print(daemon.folder)


if __name__ == "__main__":
    main()
