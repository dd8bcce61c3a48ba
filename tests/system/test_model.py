#!/usr/bin/env python3
"""A lab brings its own network: it is imported, signed by the box, listed, chosen, and reads a slide; a package of a stranger,
an altered one and a network with an operator that the engine lacks are refused with a sentence."""
import json
import pathlib
import random
import struct
import tempfile

from programs import run

STAGES = "empty tPB2 tPNa tPNf t2 t3 t4 t5 t6 t7 t8 t9 tM tSB tB tEB tHB".split()


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    """A field of a protocol buffer: a number, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def weights(name, dims, size, chance):
    count = 1
    for dim in dims:
        count *= dim
    raw = struct.pack(f"<{count}f", *(chance.uniform(-size, size) for _ in range(count)))
    return field(5, b"".join(field(1, dim) for dim in dims) + field(2, 1) + field(8, name) + field(9, raw))


def node(kind, inputs, output, **ints):
    attributes = b"".join(field(5, field(1, name) + b"".join(field(8, i) for i in values)) for name, values in ints.items())
    return field(1, b"".join(field(1, i) for i in inputs) + field(2, output) + field(3, output) + field(4, kind) + attributes)


def network(activation="Relu"):
    """ONNX: two convolutions, a mean, a dense layer; random weights."""
    chance = random.Random(5)
    graph = node("Conv", ["cut", "w1"], "c1", strides=[4, 4], pads=[1, 1, 1, 1]) + node(activation, ["c1"], "r1")
    graph += node("Conv", ["r1", "w2"], "c2", strides=[2, 2]) + node("Relu", ["c2"], "r2")
    graph += node("GlobalAveragePool", ["r2"], "g") + node("Flatten", ["g"], "f") + node("MatMul", ["f", "w3"], "stage")
    graph += weights("w1", [8, 3, 3, 3], 0.3, chance) + weights("w2", [16, 8, 3, 3], 0.2, chance)
    graph += weights("w3", [16, 17], 3, chance)
    graph += field(11, field(1, "cut")) + field(12, field(1, "stage"))
    return field(1, 5) + field(7, graph) + field(8, field(2, 10))


def manifest(version):
    return json.dumps({"name": "lab", "version": version, "summary": "random weights", "training": [], "input": {},
                       "outputs": {"stage": {"classes": STAGES}}})


def refused(sentence, *arguments):
    done = run("daybreak", "model", *arguments, check=False)
    assert done.returncode == 1 and sentence in done.stderr, (arguments, done.returncode, done.stderr)


def listed(store):
    return {m["label"]: m for m in json.loads(run("daybreak", "model", "list", "--json", "--store", store).stdout)}


def own_model(folder, store):
    onnx, card, cuts = folder / "network.onnx", folder / "manifest.json", folder / "cuts.bin"
    onnx.write_bytes(network())
    card.write_text(manifest("1"))
    cuts.write_bytes(random.Random(6).randbytes(8 * 3 * 128 * 128))
    said = run("daybreak", "model", "import", onnx, "--manifest", card, "--cuts", cuts, "--store", store).stdout
    assert "lab-1 is installed" in said and "stage" in said, said
    assert not listed(store)["lab-1"]["current"] and listed(store)["lab-1"]["signer"] == "box"
    refused("lab-1 is installed already", "import", onnx, "--manifest", card, "--cuts", cuts, "--store", store)
    assert "reread" in run("daybreak", "model", "use", "lab-1", "--store", store).stdout
    assert listed(store)["lab-1"]["current"]
    shown = json.loads(run("daybreak", "model", "show", "--store", store).stdout)
    assert shown["label"] == "lab-1" and shown["manifest"]["quantisation"]["cuts"] == 8
    print("a network of the lab's own: imported, signed, chosen")
    return onnx, card, cuts


def it_reads(folder, store):
    slide = folder / "D2026.01.07_S0001_I0001.pdb"
    run("daybreak-simulate", "--seed", 3, "--wells", 1, "--runs", 6, "--planes", 3, "--interval", 36000, "--out", slide)
    run("daybreak", "import", "--store", store, slide)
    (dish,) = json.loads(run("daybreak", "export", "--store", store).stdout)
    assert len(dish["embryos"]) == 1
    print("it reads a slide")


def strangers(folder, store, onnx, card, cuts):
    key, package = folder / "key.pem", folder / "lab-2.model"
    card.write_text(manifest("2"))
    run("daybreak", "model", "key", "--out", key)
    assert key.stat().st_mode & 0o777 == 0o600
    run("daybreak", "model", "import", onnx, "--manifest", card, "--cuts", cuts, "--key", key, "--out", package)
    refused("does not trust", "import", package, "--store", store)
    (store / "models/lab.pem").write_text((folder / "key.public.pem").read_text())
    run("daybreak", "model", "verify", package, "--store", store)
    whole = package.read_bytes()
    at = whole.index(b"DAYBRNET") + 100
    package.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
    refused("network.bin was altered", "import", package, "--store", store)
    package.write_bytes(whole[:len(whole) // 2])
    refused("cut off", "import", package, "--store", store)
    package.write_bytes(whole)
    run("daybreak", "model", "import", package, "--store", store)
    assert listed(store)["lab-2"]["signer"] == "lab" and listed(store)["lab-1"]["current"]
    onnx.write_bytes(network("HardSwish"))
    refused("HardSwish r1: this operator is not supported", "import", onnx, "--manifest", card, "--cuts", cuts, "--store", store)
    print("strangers, altered and unfinished packages, unknown operators: refused")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        store = folder / "store"
        run("daybreak", "init", "--store", store, "--user", "lab")
        made = own_model(folder, store)
        it_reads(folder, store)
        strangers(folder, store, *made)


if __name__ == "__main__":
    main()
