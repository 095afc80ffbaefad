"""What the workshop's text says of ssh is so."""

import pytest
from part0_workshop.solutions import SSH_CONFIG

from .test_real_editor import HERE
from .test_ssh import needs_ssh, understood

pytestmark = pytest.mark.slow


@needs_ssh
def test_ssh_understands_the_lessons_configuration(tmp_path):
    (tmp_path / "config").write_text(SSH_CONFIG, encoding="utf-8")
    box, github = understood(tmp_path / "config"), understood(tmp_path / "config", "github.com")
    assert (box["hostname"], box["user"], box["identitiesonly"]) == ("gpu.example.com", "ubuntu", "yes")
    assert (github["hostname"], github["port"], github["user"]) == ("ssh.github.com", "443", "git")


def test_the_lesson_shows_the_documented_box():
    documented = (HERE / "ssh_config").read_text(encoding="utf-8").splitlines()
    assert "\n".join(line for line in documented if not line.strip().startswith("#")).strip() in SSH_CONFIG
