"""What the lessons do on a GPU: the same as on the CPU, how fast, and with how much memory.

python benchmarks/gpu.py [--device cuda]
Every line says what was compared and by how much the two differ; a difference above what rounding explains ends it with 1.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optimizers
import torch
import torch.nn.functional as F
from part1_raytracing import meshes
from part1_rendering import solutions as rays
from part2_resnets import solutions as resnets
from part4_distributed import solutions as distributed
from part5_gans import solutions as gans
from part5_vaes import solutions as vaes
from torch import nn

failed: list[str] = []


def said(what: str, difference: float, limit: float, more: str = "") -> None:
    ok = difference <= limit
    print(f"{'ok ' if ok else 'BAD'} {what}: differs by {difference:.1e} {more}", flush=True)
    if not ok:
        failed.append(what)


def seconds(run: Callable[[], Any], device: torch.device, times: int = 5) -> float:
    """The least time of several, the device's queue waited for."""
    run()
    found = []
    for _ in range(times):
        wait(device)
        begin = time.perf_counter()
        run()
        wait(device)
        found.append(time.perf_counter() - begin)
    return min(found)


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def peak(device: torch.device) -> str:
    return f"{torch.cuda.max_memory_allocated(device) / 2**30:.2f} GiB" if device.type == "cuda" else "?"


def optimisers(device: torch.device) -> None:
    """Each equals torch's after 20 steps; the ratio of their steps' times on 23 million parameters."""
    for name, (ours, theirs, settings) in optimizers.PAIRS.items():
        sets = [optimizers.parameters(optimizers.network()) for _ in range(2)]
        for params in sets:
            for p in params:
                p.data, p.grad = p.data.to(device), p.grad.to(device) if p.grad is not None else None
        mine, reference = ours(sets[0], **settings), theirs(sets[1], **settings)
        gradients = [p.grad.clone() for p in sets[0]]
        for _ in range(20):
            for params in sets:  # torch's steps over many tensors at once, Nesterov's, add to `.grad`
                torch._foreach_copy_([p.grad for p in params], gradients)
            mine.step()
            reference.step()
        difference = max((a - b).abs().max().item() for a, b in zip(*sets, strict=True))
        times = [seconds(optimizer.step, device) for optimizer in (mine, reference)]
        said(
            f"{name}, 20 steps",
            difference,
            1e-5,
            f"· {1000 * times[0]:.2f} ms, {times[0] / times[1]:.2f} times torch's",
        )


def resnet(device: torch.device) -> None:
    """A ResNet34's logits as on the CPU; a training step of 64 images of 224×224."""
    torch.manual_seed(0)
    model, images = resnets.ResNet34().eval(), torch.randn(2, 3, 64, 64)
    expected = model(images).detach()
    model.to(device)
    difference = (model(images.to(device)).cpu() - expected).abs().max().item() / expected.abs().max().item()
    said("ResNet34, logits", difference, 1e-3)
    model.train()
    images, labels = torch.randn(64, 3, 224, 224, device=device), torch.randint(1000, (64,), device=device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def step() -> None:
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()

    took = seconds(step, device)
    print(
        f"    training step, 64 images of 224×224: {1000 * took:.0f} ms, {64 / took:.0f} images/s, peak {peak(device)}"
    )


def ray_tracing(device: torch.device) -> None:
    """The same picture, by both ways, and how much faster."""
    knot = meshes.torus_knot(400) + torch.tensor([3.0, 0, 0])
    screen = rays.make_rays_2d(80, 80, 0.5, 0.5)
    for function in (rays.raytrace_mesh, rays.moller_trumbore):
        expected, got = function(screen, knot), function(screen.to(device), knot.to(device)).cpu()
        hit = torch.isfinite(expected) & torch.isfinite(got)
        off = 1 - torch.isclose(got, expected, rtol=1e-3).float().mean().item()
        ratio = seconds(lambda f=function: f(screen, knot), torch.device("cpu"), 2) / seconds(
            lambda f=function: f(screen.to(device), knot.to(device)), device, 3
        )
        said(f"{function.__name__}, share of pixels", off, 2e-3, f"· {hit.sum()} hits, {ratio:.0f} times as fast")


def generative(device: torch.device) -> None:
    """Steps of a VAE and of a GAN on the device: noise is made where the networks are."""
    torch.manual_seed(0)
    x = torch.rand(64, 1, 8, 8, device=device)
    model = vaes.VAE(8, 64).to(device)
    mu, logsigma = model.encode(x)
    drawn = model.decoder(vaes.sample_latent_vector(mu, logsigma))
    sum(vaes.elbo_terms(x, drawn, mu, logsigma)).backward()
    said("VAE: parameters without a gradient", float(sum(p.grad is None for p in model.parameters())), 0)
    mu = torch.zeros(100_000, device=device)
    noise = vaes.sample_latent_vector(mu, mu)
    said("VAE: noise, standard deviation from 1", abs(noise.std().item() - 1), 0.02, f"on {noise.device}")
    gan = gans.DCGAN().to(device)
    optimizer = torch.optim.Adam(gan.generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    loss = gans.training_step_generator(gan.discriminator, optimizer, gan.sample(64))
    said("GAN: a step of the generator, its loss from ln 2", abs(float(loss) - math.log(2)), 0.5)
    layer, theirs = gans.ConvTranspose2d(3, 5, 4, 2, 1), nn.ConvTranspose2d(3, 5, 4, 2, 1, bias=False)
    theirs.weight.data.copy_(layer.weight.data)
    image = torch.randn(2, 3, 9, 7, device=device)
    said("ConvTranspose2d", (layer.to(device)(image) - theirs.to(device)(image)).abs().max().item(), 1e-3)


def several(device: torch.device) -> None:
    """Day 4's trainer under torchrun with one rank: nccl on a GPU; and a second run that resumes from its checkpoint."""
    script = Path(distributed.__file__).with_name("train.py")
    with tempfile.TemporaryDirectory() as folder:
        for epochs in (2, 3):
            command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=1", str(script)]
            command += ["--course", f"--epochs={epochs}", f"--checkpoint={folder}/run.pt"]
            environment = os.environ | {
                "CUDA_VISIBLE_DEVICES": "" if device.type == "cpu" else "0",
                "OMP_NUM_THREADS": "1",
            }
            done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
            print("   ", " | ".join(done.stdout.strip().splitlines()[-2:]) or done.stderr[-500:], flush=True)
            if done.returncode:
                failed.append("torchrun")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(parser.parse_args().device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "the CPU"
    print(f"torch {torch.__version__} on {name}")
    for part in (optimisers, resnet, ray_tracing, generative, several):
        print(f"\n{part.__name__}: {part.__doc__}")
        try:
            part(device)
        except Exception as error:  # the others still tell something
            failed.append(f"{part.__name__}: {type(error).__name__}: {error}")
            print("BAD", failed[-1], flush=True)
    sys.exit("\nnot as on the CPU: " + "; ".join(failed) if failed else 0)


if __name__ == "__main__":
    main()
