"""The container's files name settings that there are, and start the program as it is installed."""

import re
from pathlib import Path

import yaml

from midsole.config import SETTINGS

CONFIG = Path(__file__).parents[2] / "config"
DOCKERFILE = (CONFIG / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((CONFIG / "compose.yaml").read_text(encoding="utf-8"))
OF_THE_HOME = {"MIDSOLE_HOME", "MIDSOLE_DB_PASSWORD"}
KNOWN = {f"MIDSOLE_{name.upper()}" for name in SETTINGS} | OF_THE_HOME


def test_every_setting_of_the_containers_is_one():
    written = DOCKERFILE + (CONFIG / "compose.yaml").read_text(encoding="utf-8")
    named = set(re.findall(r"\bMIDSOLE_\w+", written))
    assert named
    assert named <= KNOWN


def test_what_the_image_copies_is_there_and_enough_to_install():
    copied = re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.M)
    assert all((CONFIG.parent / name).exists() for line in copied for name in line.split())
    assert "config" in copied[1]  # the wheel takes its example of settings from there


def test_the_database_is_ready_before_midsole_begins_and_only_this_machine_reaches_the_pages():
    services = COMPOSE["services"]
    assert services["midsole"]["depends_on"]["db"]["condition"] == "service_healthy"
    assert all(port.startswith("127.0.0.1:") for port in services["midsole"]["ports"])
    assert "ports" not in services["db"]
