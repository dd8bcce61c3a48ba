#!/usr/bin/env python3
"""The same network on the same pictures in one run: Daybreak's integer engine beside float engines that a user would
take instead, with 1 and 2 threads.

  tests/bench/engine.py [MODEL]      a model package, a network.bin, or nothing: random weights in our own shape
      --ort FOLDER                   where npm has put onnxruntime-node (npm install --ignore-scripts --prefix FOLDER
                                     onnxruntime-node); else it is fetched into a folder that disappears

The peers get the network as floats, taken back from the integers: convolutions with ReLU, no clamp from above, pictures
already turned into floats. PyTorch runs it traced and through optimize_for_inference; OpenCV and ONNX Runtime read the
ONNX file that PyTorch writes. Those that are not installed are left out with a line. Figures are the best of many short
rounds, all engines in turn.
"""
import argparse
import pathlib
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from programs import program, run  # noqa: E402

ROUNDS, CUTS, TURNS = 120, 2, 4
CONV, AVERAGE, LARGEST, ADD, CONCAT = 1, 2, 3, 4, 5


class File:
    """network.bin, as reading/network_file.h draws it."""

    def __init__(self, data):
        self.data = data
        head = struct.unpack_from("<8sII10I", data)
        self.tensors = [struct.unpack_from("<HHHBB", data, head[3] + 8 * i) for i in range(head[4])]
        self.operators = [self.operator(head[5] + 64 * i) for i in range(head[6])]
        outputs = [struct.unpack_from("<HH", data, head[7] + 4 * i) for i in range(head[8])]
        self.stage = dict(outputs)[1]

    def operator(self, at):
        names = ("kind input second output kernel_height kernel_width stride_y stride_x top left bottom right groups "
                 "weights bias scales multiplier second_multiplier shift channel least most").split()
        return dict(zip(names, struct.unpack_from("<12H4IiiIHBB", self.data, at)))

    def array(self, at, kind, count):
        import numpy
        return numpy.frombuffer(self.data, kind, count, at)


def from_blocks(file, op, inputs, outputs):
    """A conv's weights and bias as floats in steps of its input and output."""
    import numpy
    height, width = op["kernel_height"], op["kernel_width"]
    blocks, fours = -(-outputs // 16), -(-inputs // 4)
    packed = file.array(op["weights"], "i1", blocks * height * width * fours * 64)
    packed = packed.reshape(blocks, height, width, fours, 16, 4).transpose(0, 4, 3, 5, 1, 2)
    weights = packed.reshape(blocks * 16, fours * 4, height, width)[:outputs, :inputs].astype("f8")
    zero = file.tensors[op["input"]][4]
    bias = file.array(op["bias"], "<i4", outputs) + zero * weights.sum((1, 2, 3))
    scales = file.array(op["scales"], "<i4", 16 * blocks)[:outputs].astype("f8")
    shifts = file.array(op["scales"] + 64 * blocks, "<u4", 16 * blocks)[:outputs]
    scale = scales * numpy.exp2(-shifts.astype("f8"))
    return weights * scale[:, None, None, None], bias * scale


def as_module(file):
    """The stage of the network in PyTorch."""
    import torch
    from torch import nn

    class Floats(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleDict()
            needed = {file.stage}
            self.steps = []
            for index, op in reversed(list(enumerate(file.operators))):
                if op["output"] in needed:
                    needed |= {op["input"], op["second"]} if op["kind"] == ADD else {op["input"]}
                    self.steps.insert(0, (index, op))
            for index, op in self.steps:
                if op["kind"] == CONV:
                    self.layers[str(index)] = self.conv(op)

        @staticmethod
        def conv(op):
            inputs, outputs = file.tensors[op["input"]][2], file.tensors[op["output"]][2]
            assert op["groups"] == 1 and op["top"] == op["bottom"] and op["left"] == op["right"]
            layer = nn.Conv2d(inputs, outputs, (op["kernel_height"], op["kernel_width"]),
                              (op["stride_y"], op["stride_x"]), (op["top"], op["left"]))
            weights, bias = from_blocks(file, op, inputs, outputs)
            layer.weight.data, layer.bias.data = torch.tensor(weights).float(), torch.tensor(bias).float()
            return layer

        def forward(self, x):
            values = {0: x}
            for index, op in self.steps:
                x = values[op["input"]]
                shape, zero = file.tensors[op["output"]], file.tensors[op["output"]][4]
                if op["kind"] == CONV:
                    x = self.layers[str(index)](x)
                elif op["kind"] == ADD:
                    step = 2.0 ** -op["shift"]
                    one, two = op["multiplier"] * step, op["second_multiplier"] * step
                    y = values[op["second"]]
                    x = (x if one == 1 else x * one) + (y if two == 1 else y * two)
                elif op["kind"] == AVERAGE:
                    multiplier, = struct.unpack_from("<i", file.data, op["scales"])
                    shift, = struct.unpack_from("<I", file.data, op["scales"] + 64)
                    size = op["kernel_height"], op["kernel_width"]
                    assert shape[0] == shape[1] == 1
                    x = nn.functional.avg_pool2d(x, size) * (multiplier * 2.0 ** -shift * size[0] * size[1])
                else:
                    raise SystemExit(f"engine.py: operator of kind {op['kind']} is not in this benchmark")
                if shape[3] == 0 and op["least"] == zero and op["kind"] in (CONV, ADD):
                    x = torch.relu(x)
                values[op["output"]] = x
            return values[file.stage].flatten(1)

    return Floats().eval()


def picture(zero):
    """bench_engine's, in steps from the zero point."""
    import numpy
    state, pixels = 1, []
    for _ in range(3 * 128 * 128):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        pixels.append((state >> 16) % 256)
    return numpy.array(pixels, "f4").reshape(1, 3, 128, 128) - zero


def best(call):
    """Milliseconds a cut, best round."""
    for _ in range(10):
        call()
    least = 1e9
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for _ in range(CUTS):
            call()
        least = min(least, (time.perf_counter() - begin) / CUTS * 1e3)
    return least


def pytorch(module, x, threads):
    import torch
    torch.set_num_threads(threads)
    with torch.no_grad():
        traced = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(module, torch.tensor(x))))
        given = torch.tensor(x)
        return best(lambda: traced(given)), traced(given)[0].tolist()


def opencv(onnx, x, threads):
    import cv2
    cv2.setNumThreads(threads)
    net = cv2.dnn.readNetFromONNX(str(onnx))

    def call():
        net.setInput(x)
        return net.forward()
    return best(call), call()[0].tolist()


NODE = """
const ort = require(process.argv[2] + '/node_modules/onnxruntime-node');
const fs = require('fs');
(async () => {
  const [onnx, raw, threads, rounds, cuts] = process.argv.slice(3);
  const session = await ort.InferenceSession.create(onnx, {intraOpNumThreads: +threads, interOpNumThreads: 1,
    graphOptimizationLevel: 'all'});
  const bytes = fs.readFileSync(raw);
  const x = new ort.Tensor('float32', new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4), [1, 3, 128, 128]);
  const feeds = {[session.inputNames[0]]: x};
  let out = await session.run(feeds), least = 1e9;
  for (let i = 0; i < 10; i++) out = await session.run(feeds);
  for (let round = 0; round < rounds; round++) {
    const begin = process.hrtime.bigint();
    for (let i = 0; i < cuts; i++) out = await session.run(feeds);
    least = Math.min(least, Number(process.hrtime.bigint() - begin) / 1e6 / cuts);
  }
  console.log(JSON.stringify([least, Array.from(out[session.outputNames[0]].data)]));
})();
"""


def onnx_runtime(folder, onnx, raw, threads):
    import json
    script = pathlib.Path(onnx).with_name("run.js")
    script.write_text(NODE)
    said = subprocess.run(["node", script, folder, onnx, raw, str(threads), str(ROUNDS), str(CUTS)], check=True,
                          capture_output=True, text=True).stdout
    return json.loads(said)


def network_bytes(given, folder):
    if not given:
        run("bench_engine", "--make", folder / "network.bin")
        return (folder / "network.bin").read_bytes()
    if tarfile.is_tarfile(given):
        with tarfile.open(given) as package:
            return package.extractfile("network.bin").read()
    return pathlib.Path(given).read_bytes()


def ort_folder(given, folder):
    if given:
        return pathlib.Path(given).resolve()
    subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder / "ort",
                    "onnxruntime-node"], check=True, capture_output=True)
    return folder / "ort"


def peers_of(module, x, folder, ort):
    """name -> call(threads) giving milliseconds and logits"""
    import torch
    onnx, raw = folder / "network.onnx", folder / "x.raw"
    torch.onnx.export(module, torch.tensor(x), str(onnx), opset_version=10, input_names=["x"], output_names=["stage"])
    x.tofile(raw)
    peers = {"PyTorch": lambda threads: pytorch(module, x, threads)}
    try:
        import cv2
        peers[f"OpenCV {cv2.__version__}"] = lambda threads: opencv(onnx, x, threads)
    except ImportError:
        print("OpenCV's Python module is not here: left out")
    try:
        found = ort_folder(ort, folder)
        peers["ONNX Runtime"] = lambda threads: onnx_runtime(found, onnx, raw, threads)
    except (OSError, subprocess.CalledProcessError):
        print("onnxruntime-node is not here: left out")
    return peers


def hold(name, logits, expected):
    """It is the same network: the float logits lie near the integer ones, in bits."""
    away = max(abs(a - b) for a, b in zip(logits, expected)) / 256
    spread = (max(expected) - min(expected)) / 256
    print(f"   {name}: logits within {away:.2f} bits of the integers' (they span {spread:.1f})")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", nargs="?")
    parser.add_argument("--ort")
    options = parser.parse_args()
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit("engine.py: python3-torch is needed: it is a peer, and it writes the ONNX file of the others")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        data = network_bytes(options.model, folder)
        (folder / "network.bin").write_bytes(data)
        file = File(data)
        x = picture(file.tensors[0][4])
        expected = [int(line) for line in run("bench_engine", "--answer", folder / "network.bin").stdout.split()]
        peers = peers_of(as_module(file), x, folder, options.ort)
        for threads in (1, 2):
            ours, least = 1e9, {}
            for turn in range(TURNS):
                said = run("bench_engine", folder / "network.bin", threads).stdout
                ours = min(ours, *(float(ms) for ms in re.findall(r": ([0-9.]+) ms a cut", said)))
                for peer, call in peers.items():
                    ms, logits = call(threads)
                    least[peer] = min(least.get(peer, 1e9), ms)
                    if threads == 1 and turn == 0:
                        hold(peer, logits, expected)
            print(f"{threads} thread{'s' if threads > 1 else ''}\n   " + said.strip().replace("\n", "\n   "))
            print(f"   Daybreak's best {ours:.3f} ms a cut")
            for peer, ms in sorted(least.items(), key=lambda item: item[1]):
                print(f"   {peer:14} {ms:.3f} ms a cut: {ms / ours:.2f} x Daybreak's time")


if __name__ == "__main__":
    main()
