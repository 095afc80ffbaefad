"""What an answer is judged under: the defaults of torch and NumPy, whatever the learner's file has set."""

import contextlib
import random
import sys
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def defaults(*, lenient: bool) -> Iterator[None]:
    """The defaults for a while: seeded, float32, CPU, gradients on, NumPy's errors as they are; then the learner's again.
    Random numbers alone go on from where the judgement left them.

    `lenient`: a warning is shown and fails nothing, whoever made warnings errors.
    """
    with contextlib.ExitStack() as stack:
        if lenient:
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("default")
        if numpy := sys.modules.get("numpy"):
            stack.enter_context(numpy.errstate(divide="warn", over="warn", under="ignore", invalid="warn"))
        if "torch" in sys.modules:
            stack.enter_context(_torch())
        seed()
        yield


def seed() -> None:
    """The same random numbers for every judgement."""
    random.seed(0)
    if numpy := sys.modules.get("numpy.random"):
        numpy.seed(0)
    if torch := sys.modules.get("torch.random"):
        torch.manual_seed(0)


@contextlib.contextmanager
def _torch() -> Iterator[None]:
    torch = sys.modules["torch"]
    settings = {  # how each is set: how it is read, and the default
        torch.set_default_dtype: (torch.get_default_dtype, torch.float32),
        torch.set_default_device: (torch.get_default_device, torch.device("cpu")),
        torch.use_deterministic_algorithms: (torch.are_deterministic_algorithms_enabled, False),
        torch.autograd.set_detect_anomaly: (torch.is_anomaly_enabled, False),
    }
    learners = {change: now() for change, (now, _) in settings.items()}

    def put(wanted: dict) -> None:
        for change, value in wanted.items():
            now, default = settings[change]
            if now() != value:  # what an answer changed while it was judged is put back as well
                change(None if change is torch.set_default_device and value == default else value)

    with torch.inference_mode(False), torch.enable_grad():
        put({change: default for change, (_, default) in settings.items()})
        try:
            yield
        finally:
            put(learners)
