"""Other pictures that show the same embryo: domain randomisation on batches of cuts.

What differs from maker to maker is the light (brightfield, relief from any direction, a lamp from the side), the focus, the camera
and what of the well is in sight; none of it changes the stage. Batches are float tensors [n, planes, 128, 128] in grey levels;
every function takes and returns such a batch, and all chance comes from torch's generator.
"""
import math

import torch
import torch.nn.functional as F

from network import SIDE

_Y, _X = torch.meshgrid(torch.arange(SIDE) - 63.5, torch.arange(SIDE) - 63.5, indexing="ij")
_OUTSIDE = (_X * _X + _Y * _Y > 64 * 64)[None, None]


def uniform(count, low, high):
    return torch.empty(count, 1, 1, 1).uniform_(low, high)


def some(x, share, change):
    """Changes a random share of the batch and leaves the rest."""
    rows = torch.randperm(len(x))[:round(share * len(x))]
    if len(rows) > 0:
        x[rows] = change(x[rows])
    return x


def blur(x, times):
    """[1 2 1] / 4 along rows and columns, times over: nearly a Gaussian of 0.71 sqrt(times) pixels. The frame's edge stays."""
    for _ in range(times):
        y = x.clone()
        y[..., 1:-1] = (x[..., :-2] + x[..., 2:]).add_(x[..., 1:-1], alpha=2).mul_(0.25)
        x = y.clone()
        x[:, :, 1:-1] = (y[:, :, :-2] + y[:, :, 2:]).add_(y[:, :, 1:-1], alpha=2).mul_(0.25)
    return x


def spread(x):
    """Standard deviation where the embryo is, [n, 1, 1, 1]."""
    return x[:, :1, 20:108, 20:108].std((1, 2, 3), keepdim=True) + 1e-3


def swap_planes(x):
    """The second and third plane come in any order."""
    return some(x, 0.5, lambda part: part[:, [0, 2, 1]])


def move(x):
    """Turned, mirrored, found a little off, a little too large or small."""
    n = len(x)
    angle, zoom = torch.rand(n) * 2 * math.pi, torch.empty(n).uniform_(0.86, 1.16)
    flip, stretch = torch.randint(0, 2, (n,)) * 2 - 1, torch.empty(n).uniform_(0.95, 1.05)
    cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
    shift = torch.empty(n, 2).uniform_(-0.08, 0.08)
    turn = torch.stack([torch.stack([cos * flip * stretch, -sin, shift[:, 0]], 1),
                        torch.stack([sin * flip, cos / stretch, shift[:, 1]], 1)], 1)
    return F.grid_sample(x, F.affine_grid(turn, x.shape, align_corners=False), padding_mode="border", align_corners=False)


def relief(x):
    """Towards the shaded relief of modulation contrast: a slope in one direction and a lamp from the side."""
    n = len(x)
    angle = uniform(n, 0, 2 * math.pi)
    smooth = blur(x, 1)
    down = F.pad(smooth[:, :, 2:] - smooth[:, :, :-2], (0, 0, 1, 1))
    right = F.pad(smooth[..., 2:] - smooth[..., :-2], (1, 1, 0, 0))
    slope = torch.cos(angle) * right + torch.sin(angle) * down
    slope = slope * spread(x) / spread(slope) * uniform(n, 0.7, 1.2)
    lamp = (torch.cos(angle) * _X + torch.sin(angle) * _Y) / SIDE * uniform(n, -80, 80)
    share = uniform(n, 0.3, 1.0)
    middle = x.mean((2, 3), keepdim=True)
    return middle + (1 - share) * (x - middle) + share * (slope + lamp)


def wall(x):
    """The well's wall reaches into the picture: darker, sometimes with a bright rim, beyond a large circle."""
    n = len(x)
    angle, radius, reach = uniform(n, 0, 2 * math.pi), uniform(n, 70, 150), uniform(n, 40, 64)
    beyond = torch.hypot(_X - (reach - radius) * torch.cos(angle), _Y - (reach - radius) * torch.sin(angle)) - radius
    dark = -uniform(n, -40, 120) * (beyond / uniform(n, 3, 12)).clamp(0, 1)
    rim = uniform(n, -100, 100).clamp(min=-40) * torch.exp(-(beyond / uniform(n, 1.5, 4)) ** 2)
    return x + dark + rim


def soften(x):
    """Out of focus."""
    return x + uniform(len(x), 0, 1) * (blur(x, int(torch.randint(1, 7, (1,)))) - x)


def sharpen(x):
    """As a camera does that has been told to."""
    return x + uniform(len(x), 0, 1.2) * (x - blur(x, 2))


def coarsen(x):
    """A camera of fewer pixels."""
    side = int(torch.randint(56, 112, (1,)))
    return F.interpolate(F.interpolate(x, (side, side), mode="area"), (SIDE, SIDE), mode="bilinear", align_corners=False)


def light(x):
    """Contrast, brightness, gamma, slow shading across the picture, the noise of a sensor; what lies outside the circle is flat."""
    n = len(x)
    middle = x.mean((2, 3), keepdim=True)
    x = (middle + (x - middle) * uniform(n, 0.6, 1.3) + uniform(n, -25, 25)).clamp(1, 255)
    x = 255 * (x / 255) ** torch.exp(uniform(n, -0.25, 0.25))
    coarse = F.interpolate(torch.randn(n, 1, 4, 4), (SIDE, SIDE), mode="bicubic", align_corners=False)
    x = x + coarse * uniform(n, 0, 14)
    x = x + torch.randn_like(x) * uniform(n, 0.2, 6)
    return torch.where(_OUTSIDE, x.mean((2, 3), keepdim=True), x).clamp(0, 255)


CHANGES = ((1, move), (0.4, relief), (0.25, wall), (0.2, coarsen), (0.3, soften), (0.15, sharpen), (1, light))


def vary(x):
    """uint8 or float [n, 3, 128, 128] in, float out. Many exports have one plane only: so do six in ten of these."""
    x = x.float()
    single = int(0.6 * len(x))
    parts = [x[:single, :1], swap_planes(x[single:])]
    for share, change in CHANGES:
        parts = [some(part, share, change) if share < 1 else change(part) for part in parts]
    return torch.cat([parts[0].expand(-1, x.shape[1], -1, -1), parts[1]])
