"""What learners' tests are tried on, in the lesson on tests."""

import pytest
from part0_debugging import solutions, suspects


@pytest.mark.parametrize(
    ("name", "write"), [("running", solutions.write_running_tests), ("runlog", solutions.write_log_tests)]
)
def test_a_quick_run_says_what_nine_runs_say(name, write, tmp_path):
    write(tmp_path / "text")
    text = (tmp_path / "text").read_text(encoding="utf-8")
    quick, slow = suspects.outcomes(name, [text + "\n# quick"], quick=True), suspects.outcomes(name, [text])
    assert quick[0].passed == slow[0].passed and not slow[0].broken
    assert [key for key in slow[0].failed if slow[0].kills(key)] == list(suspects.MODULES[name][1])[1:]


def test_a_test_file_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(suspects, "SECONDS", 3)
    found = suspects.outcomes("running", ["def test_for_ever():\n    while True:\n        pass\n"])[0]
    assert "3 s" in found.broken or "3 秒" in found.broken


def test_a_test_file_that_ends_its_process_is_no_success():
    found = suspects.outcomes("running", ["import os\n\n\ndef test_out():\n    os._exit(0)\n"])[0]
    assert found.broken and not found.passed
