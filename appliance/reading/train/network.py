"""The network that reads a cut, and its export.

Plain 3x3 convolutions with ReLU and two residual blocks: nothing that integers cannot do exactly. About 57 million
multiplications a cut. BatchNorm is folded into the convolutions on export.
"""
import copy

import torch
from torch import nn

SIDE, PLANES = 128, 3
STAGES = ["empty", "tPB2", "tPNa", "tPNf", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "tM", "tSB", "tB", "tEB", "tHB"]
# Middle of each class of fragmentation, permille of the volume: under 5 %, 5-10, 10-25, 25-50, over 50.
FRAGMENTATION = [20, 75, 160, 350, 600]
MEAN, SCALE = 128.0, 64.0
EMBEDDING = 96


def conv(inputs, outputs, kernel=3, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.one, self.two = conv(width, width), conv(width, width)

    def forward(self, x):
        return torch.relu(x + self.two(torch.relu(self.one(x))))


class MixStyle(nn.Module):
    """While learning, half of the time: each picture takes over a part of another one's mean and spread in every channel, which is
    where makers' optics differ and stages do not (Zhou et al. 2021, arXiv 2104.02008). Nothing when the network is used."""

    def forward(self, x):
        if not self.training or torch.rand(()) < 0.5:
            return x
        mean, spread = x.mean((2, 3), keepdim=True).detach(), x.std((2, 3), keepdim=True).detach() + 1e-3
        order = torch.randperm(len(x))
        own = torch.distributions.Beta(0.2, 0.2).sample((len(x), 1, 1, 1)).to(x.dtype)
        return (x - mean) / spread * (own * spread + (1 - own) * spread[order]) + own * mean + (1 - own) * mean[order]


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        relu = nn.ReLU()
        self.body = nn.Sequential(
            conv(PLANES, 16, 5, 2), relu, conv(16, 32, 3, 2), relu, MixStyle(), conv(32, 32), relu, conv(32, 64, 3, 2), relu,
            MixStyle(), Block(64), conv(64, EMBEDDING, 3, 2), relu, Block(EMBEDDING))
        self.dropout = nn.Dropout(0.2)
        self.stage = nn.Linear(EMBEDDING, len(STAGES))
        self.fragmentation = nn.Linear(EMBEDDING, len(FRAGMENTATION))
        self.uneven = nn.Linear(EMBEDDING, 1)
        self.multinucleated = nn.Linear(EMBEDDING, 1)

    def forward(self, x):
        embedding = self.body(x).mean((2, 3))
        seen = self.dropout(embedding)
        return self.stage(seen), self.fragmentation(seen), self.uneven(seen), self.multinucleated(seen), embedding


OUTPUTS = ["stage", "fragmentation", "uneven", "multinucleated", "embedding"]


class Exported(nn.Module):
    """The same with BatchNorm folded, the pooling named as ONNX names it, and the embedding turned so that distances in it say how
    familiar a picture is (calibrate.unfamiliar)."""

    def __init__(self, network, turn):
        super().__init__()
        self.turned = nn.Linear(EMBEDDING, EMBEDDING, bias=False)
        self.turned.weight.data = torch.tensor(turn.T).float()
        self.network = copy.deepcopy(network).eval()
        for module in list(self.network.modules()):
            if isinstance(module, nn.Sequential) and len(module) == 2 and isinstance(module[1], nn.BatchNorm2d):
                module[0] = nn.utils.fusion.fuse_conv_bn_eval(module[0], module[1])
                module[1] = nn.Identity()
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        n = self.network
        embedding = torch.flatten(self.pool(n.body(x)), 1)
        return n.stage(embedding), n.fragmentation(embedding), n.uneven(embedding), n.multinucleated(embedding), self.turned(embedding)


def export(network, turn, path):
    """Opset 10: what the oldest reader of such files understands."""
    torch.onnx.export(Exported(network, turn).eval(), torch.zeros(1, PLANES, SIDE, SIDE), str(path), opset_version=10,
                      input_names=["cut"], output_names=OUTPUTS, dynamic_axes={name: {0: "n"} for name in ["cut"] + OUTPUTS})
