"""Day 4's experiments beyond their exercises: a process that is really killed, and libraries that may be missing."""

import subprocess
import sys
import time

import pytest
import torch
from part4_experiments import extras, sick, solutions, tests


def losses(folder) -> dict[int, float]:
    return solutions.by_step(solutions.read_log(folder / "log.jsonl"), "loss")


@pytest.mark.slow
def test_a_killed_training_goes_on_as_if_it_had_never_stopped(tmp_path):
    """Killed at any moment, and once more after it was resumed: each step has the loss that it has without a kill."""
    killed = tmp_path / "killed"
    code = (
        f"from part4_experiments.solutions import *; train_resumably(FinetuneArgs(epochs=200), Path({str(killed)!r}))"
    )
    for epochs in (2, 5):
        process = subprocess.Popen([sys.executable, "-c", code])
        try:
            until = time.monotonic() + 120
            while process.poll() is None and time.monotonic() < until and len(losses(killed)) < 5 * epochs + 2:
                time.sleep(0.005)
        finally:
            process.kill()
            process.wait()
        assert process.returncode != 0, "it ended before it was killed"
    state = solutions.load_checkpoint(killed / "checkpoint.pt")
    assert state is not None and state["epoch"] >= 5
    done = state["epoch"]
    args = solutions.FinetuneArgs(epochs=200)
    few = solutions.three_sets()[0]
    trainer = solutions.Finetuner(args, few)
    expected = [record["loss"] for _ in range(done + 1) for record in trainer.train_epoch()]
    resumed = solutions.Finetuner(solutions.FinetuneArgs(epochs=200, seed=1), few)
    solutions.restore_state(resumed, state)
    later = [record["loss"] for record in resumed.train_epoch()]
    assert later == pytest.approx(expected[-5:], rel=1e-5)
    logged = losses(killed)
    assert [logged[step] for step in range(5 * done)] == pytest.approx(expected[: 5 * done], rel=1e-5)


@pytest.mark.slow
def test_the_random_state_does_not_depend_on_what_was_trained_before():
    """The pretrained body is trained by whoever asks first; that must not change anybody's random numbers."""
    states = []
    for _ in range(2):
        solutions.Finetuner(solutions.FinetuneArgs(seed=3), solutions.three_sets()[0])
        states.append(torch.get_rng_state())
        solutions.pretrained.cache_clear()
    assert states[0].equal(states[1])


def test_the_curves_have_the_causes_that_the_test_expects():
    faults = sick.FAULTS
    assert not faults["A"].clears and faults["B"].lr < 0.02 and faults["C"].examples < 100
    assert faults["D"].lr > 1 and not faults["F"].shuffles
    assert torch.equal(faults["E"].starts(torch.ones(2)), torch.zeros(2))
    assert tests.test_diagnose.judge(solutions.diagnose).mark == "✓"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_the_optional_libraries_it_says_how_to_install_them(monkeypatch, tmp_path, lang):
    monkeypatch.setenv("COACH_LANG", lang)
    for name in ("optuna", "wandb"):
        monkeypatch.setitem(sys.modules, name, None)  # importing it fails
    told = extras.optuna_search(lambda lr: lr, 1e-4, 1.0, trials=3)
    assert 'pip install "optuna"' in told and "[sweep]" in told
    assert ("没有安装" in told) == (lang == "zh")
    with pytest.raises(ImportError, match=r"\[wandb\]"):
        extras.WandbLog(tmp_path)
