"""How fast day 1's ways to trace a mesh are, side by side in one run: `python benchmarks/raytracing.py [--quick]`.

Each scene is a torus knot on a screen of rays. A row's time is the median of rounds in which all rows take turns, its
memory what a process of its own needs at its peak beyond what it held before. Where all rays would take too long,
every k-th ray is traced and the table says so: for those rows nothing but the rate is measured.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from part1_raytracing import meshes
from part1_rendering import solutions
from torch import Tensor

SOLVE_CHUNK = 10**6  # pairs that are solved at once: their matrices take 36 MB
# At most so many pairs a row is timed on: a second or two, each.
PAIRS = {
    "torch.linalg.solve": 4 * 10**6,
    "raytrace_mesh_chunked": 2 * 10**6,
    "moller_trumbore": 6 * 10**7,
    "moller_trumbore, compiled": 10**8,
    "raytrace_edges": 2 * 10**8,
    "raytrace_two_level": 10**12,
}


def textbook(rays: Tensor, triangles: Tensor) -> Tensor:
    """The baseline: one 3x3 system per pair, all in one call of torch.linalg.solve, or in chunks of SOLVE_CHUNK pairs."""
    return torch.cat([solved(chunk, triangles) for chunk in rays.split(max(1, SOLVE_CHUNK // len(triangles)))])


def solved(rays: Tensor, triangles: Tensor) -> Tensor:
    O, D = rays[:, None].unbind(dim=2)
    A, B, C = triangles.unbind(dim=1)
    shape = len(rays), len(triangles), 3
    matrix = torch.stack([(-D).expand(shape), (B - A).expand(shape), (C - A).expand(shape)], dim=-1)
    s, u, v = torch.linalg.solve(matrix, O - A).unbind(dim=-1)
    hit = (s >= 0) & (u >= 0) & (v >= 0) & (u + v <= 1)
    return torch.where(hit, s * D.norm(dim=-1), torch.inf).amin(dim=1)


def compiled_moller_trumbore() -> Callable[[Tensor, Tensor], Tensor] | None:
    """`moller_trumbore` with what it does to a tile of pairs compiled; None where this machine can't compile."""
    tile_distance = torch.compile(solutions.closest_pair, dynamic=True)

    def trace(rays: Tensor, triangles: Tensor) -> Tensor:
        rays = torch.stack([rays[:, 0], solutions.unit(rays[:, 1])], dim=1)
        distance = torch.full_like(rays[:, 0, 0], torch.inf)
        for closest, some in zip(distance.split(solutions.FEW), rays.split(solutions.FEW), strict=True):
            for few in triangles.split(solutions.FEW):
                torch.minimum(closest, tile_distance(some, few), out=closest)
        return distance

    try:
        trace(*scene(20, 100))
    except Exception as error:
        print(f"torch.compile is left out: {type(error).__name__}: {str(error).splitlines()[0]}")
        return None
    return trace


def row(name: str) -> Callable[[Tensor, Tensor], Tensor] | None:
    """What the row of this name measures."""
    if name == "moller_trumbore, compiled":
        return compiled_moller_trumbore()
    if name == "torch.linalg.solve":
        return textbook
    if name == "raytrace_mesh_chunked":
        return lambda rays, triangles: solutions.raytrace_mesh_chunked(rays, triangles, 9 * SOLVE_CHUNK)
    return getattr(solutions, name)


def scene(num_pixels: int, ntriangles: int) -> tuple[Tensor, Tensor]:
    """A square screen of rays from 0, and a torus knot three units ahead that fills it."""
    return solutions.make_rays_2d(num_pixels, num_pixels, 0.6, 0.6), meshes.torus_knot(ntriangles) + torch.eye(3)[0] * 3


def thinned(name: str, rays: Tensor, ntriangles: int) -> tuple[Tensor, int]:
    """Every k-th ray, for the least k that keeps to the row's number of pairs; and k."""
    k = -(-len(rays) * ntriangles // PAIRS[name])
    return rays[::k], k


def peak_bytes() -> int:
    """The most memory that this process has held so far."""
    if sys.platform == "linux":  # its ru_maxrss would begin at the peak of the parent
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in bytes on macOS


def print_peak(name: str, num_pixels: int, ntriangles: int) -> None:
    """Runs one row in this process and prints by how many bytes its peak rose."""
    trace, (rays, triangles) = row(name), scene(num_pixels, ntriangles)
    if trace is not None:
        trace(*scene(10, 100))  # whatever is loaded at the first call
        before = peak_bytes()
        trace(thinned(name, rays, ntriangles)[0], triangles)
        print("peak", peak_bytes() - before)


def measured_peak(name: str, num_pixels: int, ntriangles: int) -> float:
    """The megabytes that a process of its own needs for this row; nan where it fails."""
    threads = str(torch.get_num_threads())
    command = [sys.executable, __file__, "--threads", threads, "--peak", name, str(num_pixels), str(ntriangles)]
    lines = subprocess.run(command, capture_output=True, encoding="utf-8").stdout.splitlines()
    return next((int(line.split()[1]) / 1e6 for line in lines if line.startswith("peak ")), float("nan"))


def timed(rows: dict[str, Callable], num_pixels: int, ntriangles: int, rounds: int) -> dict[str, float]:
    """Rays times triangles per second of each row: the median of interleaved rounds, after one to warm up."""
    rays, triangles = scene(num_pixels, ntriangles)
    times: dict[str, list[float]] = {name: [] for name in rows}
    parts = {name: thinned(name, rays, ntriangles)[0] for name in rows}
    for name, trace in rows.items():
        trace(parts[name][:200], triangles)
    for _ in range(rounds):
        for name, trace in rows.items():
            start = time.perf_counter()
            trace(parts[name], triangles)
            times[name].append(time.perf_counter() - start)
    return {name: len(parts[name]) * ntriangles / statistics.median(times[name]) for name in rows}


def agreement(rows: dict[str, Callable], ntriangles: int) -> None:
    """Stops unless all rows give the same picture, but for rays along an edge."""
    rays, triangles = scene(60, ntriangles)
    expected = textbook(rays, triangles)
    for name, trace in rows.items():
        same = torch.isclose(trace(rays, triangles), expected, rtol=1e-3).float().mean().item()
        if same < 0.998:
            raise SystemExit(f"{name} gives another picture: only {same:.2%} of the pixels agree with the solver's")


def show(rates: dict[str, float], num_pixels: int, ntriangles: int, with_memory: bool) -> None:
    """The table of one scene."""
    rays, _ = scene(num_pixels, ntriangles)
    best = max(rates["moller_trumbore"], rates["raytrace_edges"])
    print(f"\n{num_pixels} x {num_pixels} rays, {ntriangles:,} triangles: {len(rays) * ntriangles:,} pairs")
    print(f"{'':28}{'pairs/s':>12}{'x solve':>10}{'x best brute':>14}{'peak MB':>10}   time for all rays")
    for name, rate in rates.items():
        k = thinned(name, rays, ntriangles)[1]
        note = "" if k == 1 else f"  (extrapolated from 1 ray in {k})"
        peak = f"{measured_peak(name, num_pixels, ntriangles):10.0f}" if with_memory else f"{'-':>10}"
        ratios = f"{rate / rates['torch.linalg.solve']:10.1f}{rate / best:14.2f}"
        print(f"{name:28}{rate:12.3g}{ratios}{peak}   {len(rays) * ntriangles / rate:9.3f} s{note}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the smallest and the largest scene, one round, no memory")
    parser.add_argument("--rounds", type=int, default=3)
    several = "several on a virtual machine may share one core of the real one, and then depend on the others' work"
    parser.add_argument("--threads", type=int, default=1, help=several)
    parser.add_argument("--peak", nargs=3, metavar=("ROW", "PIXELS", "TRIANGLES"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.peak:
        return print_peak(args.peak[0], int(args.peak[1]), int(args.peak[2]))
    rows = {name: trace for name in PAIRS if (trace := row(name)) is not None}
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, CPU")
    agreement(rows, 400)
    scenes = [(n, m) for n in (120, 250) for m in (400, 4_000, 40_000)]
    for num_pixels, ntriangles in [scenes[0], scenes[-1]] if args.quick else scenes:
        rates = timed(rows, num_pixels, ntriangles, rounds=1 if args.quick else args.rounds)
        show(rates, num_pixels, ntriangles, with_memory=num_pixels == 250 and not args.quick)


if __name__ == "__main__":
    main()
