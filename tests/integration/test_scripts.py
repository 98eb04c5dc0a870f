"""scripts/: which interpreter is taken, and what the demo data holds. No network, no installation."""

import io
import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import fitparse
import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
REAL = Path(sys.executable).resolve()
BROKEN = "#!/bin/sh\necho 'pyenv: version not installed' >&2\nexit 127\n"
OLD = "#!/bin/sh\nexit 1\n"  # what asking its version ends with


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A machine without any Python: the few tools the scripts need, an empty home."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "sh", "readlink", "dirname", "sort", "cksum", "tr", "cat"):
        (tools / name).symlink_to(_which(name))
    (tmp_path / "bin").mkdir()
    (tmp_path / "home").mkdir()
    return tmp_path


def _which(name: str) -> str:
    found = next(
        (Path(folder) / name for folder in ("/bin", "/usr/bin") if (Path(folder) / name).exists()), None
    )
    assert found, name
    return str(found)


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def python(path: Path, *, venv: bool = True) -> Path:
    """A working Python 3.12 or newer that says it lives at `path`."""
    refuse = "" if venv else 'case "$2" in *ensurepip*) exit 1;; esac\n'
    answer = f'case "$2" in *_base_executable*) echo "{path}"; exit 0;; esac\n'
    return program(path, f'#!/bin/sh\n{refuse}{answer}exec "{REAL}" "$@"\n')


def find(box: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f'set -euo pipefail; source "{SCRIPTS}/_python.sh"; find_python'],
        env={"PATH": f"{box / 'bin'}:{box / 'tools'}", "HOME": str(box / "home"), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_python_gives_one_sentence_and_exit_1(box):
    done = find(box)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "needs Python 3.12 or newer" in done.stderr


def test_start_says_it_too_and_leaves_nothing(box):
    clone = box / "a clone"
    shutil.copytree(SCRIPTS, clone / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SCRIPTS.parent / "config", clone / "config")
    shutil.copy(SCRIPTS.parent / "pyproject.toml", clone)
    done = subprocess.run(
        ["bash", clone / "scripts/start"],
        env={"PATH": str(box / "tools"), "HOME": str(box / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert not (clone / ".venv").exists()


def test_the_newest_on_path_comes_first(box):
    python(box / "bin/python3.12")
    python(box / "bin/python3")
    newest = python(box / "bin/python3.14")
    assert find(box).stdout == f"{newest}\n"


def test_a_shim_that_fails_to_run_does_not_count(box):
    program(box / "bin/python3.14", BROKEN)
    program(box / "bin/python3", OLD)
    good = python(box / "bin/python3.12")
    done = find(box)
    assert (done.stdout, done.stderr) == (f"{good}\n", "")


def test_a_shim_does_not_hide_the_program_behind_it_on_path(box):
    program(box / "bin/python3.13", BROKEN)
    good = python(box / "tools/python3.13")
    assert find(box).stdout == f"{good}\n"


def test_an_old_python3_sends_us_to_pyenv_newest_first(box):
    program(box / "bin/python3", OLD)
    versions = box / "home/.pyenv/versions"
    program(versions / "3.9.18/bin/python3", OLD)
    python(versions / "3.12.1/bin/python3")
    newest = python(versions / "3.13.0/bin/python3")
    assert find(box).stdout == f"{newest}\n"


def test_pyenv_root_is_looked_at_instead_of_home(box):
    python(box / "home/.pyenv/versions/3.13.0/bin/python3")
    other = python(box / "pyenv here/versions/3.12.1/bin/python3")
    assert find(box, PYENV_ROOT=str(box / "pyenv here")).stdout == f"{other}\n"


def test_uv_is_asked_last(box):
    managed = python(box / "uv/python3.13")
    program(box / "bin/uv", f'#!/bin/sh\n[ "$1 $2" = "python find" ] && echo "{managed}"\n')
    assert find(box).stdout == f"{managed}\n"
    on_path = python(box / "bin/python3")
    assert find(box).stdout == f"{on_path}\n"


def test_the_variable_python_wins(box):
    python(box / "bin/python3.14")
    mine = python(box / "mine/python")
    assert find(box, PYTHON=str(mine)).stdout == f"{mine}\n"


def test_a_useless_variable_python_is_named_and_passed_over(box):
    good = python(box / "bin/python3.12")
    done = find(box, PYTHON="/nowhere/python")
    assert done.stdout == f"{good}\n"
    assert "/nowhere/python" in done.stderr


def test_a_python_without_venv_is_passed_over(box):
    python(box / "bin/python3.13", venv=False)
    good = python(box / "bin/python3.12")
    assert find(box).stdout == f"{good}\n"


def test_only_a_python_without_venv_names_the_package(box):
    python(box / "bin/python3", venv=False)
    done = find(box)
    assert done.returncode == 1
    assert f"apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["_python.sh", "start", "test", "check", "../.ci/run"])
def test_scripts_are_sound_bash(name):
    subprocess.run(["bash", "-n", SCRIPTS / name], check=True)
    assert name == "_python.sh" or os.access(SCRIPTS / name, os.X_OK)


class Plain(fitparse.FitFileDataProcessor):
    """Leaves dates as numbers: the reader's own conversion warns on Python 3.12."""

    def process_type_date_time(self, field: Any) -> None: ...

    def process_type_local_date_time(self, field: Any) -> None: ...


def messages(raw: bytes, name: str) -> list[dict[str, Any]]:
    reader = fitparse.FitFile(io.BytesIO(raw), check_crc=True, data_processor=Plain())
    return [message.get_values() for message in reader.get_messages(name)]


def demo_data(out: Path, *arguments: str) -> dict[str, object]:
    command = [sys.executable, SCRIPTS / "demo-data", "--out", out, *arguments]
    plan: dict[str, object] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return plan


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_demo_data_is_the_same_for_the_same_seed_and_end(tmp_path):
    demo_data(tmp_path / "a", "--until", "2026-11-21")
    demo_data(tmp_path / "b", "--until", "2026-11-21")
    demo_data(tmp_path / "c", "--until", "2026-11-21", "--seed", "2")
    assert contents(tmp_path / "a") == contents(tmp_path / "b") != contents(tmp_path / "c")


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    loader = SourceFileLoader("demo_data", str(SCRIPTS / "demo-data"))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "until", [date(2026, 11, 21), date(2027, 2, 3), date(2028, 2, 29), date(2027, 7, 14)]
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_demo_data_tells_the_story_it_promises(demo, until, seed):
    found = demo.outings(until, seed)
    runs = [outing for outing in found if outing.sport == "running"]
    days = [run.day for run in runs]
    assert {outing.sport for outing in found} == {"running", "walking", "cycling"}
    assert {run.sub_sport for run in runs} == {"generic", "trail", "treadmill"}
    assert len({outing.file_name for outing in found}) == len(found)
    gaps = [(b - a).days for a, b in pairwise(days)]
    assert sorted(gaps)[-1] in range(21, 26)  # the break
    assert sorted(gaps)[-2] < 7
    last = runs[-1]
    before = max(run.km for run in runs[:-1] if (last.day - run.day).days <= 30)
    assert last.km == pytest.approx(1.25 * before, abs=0.01)
    assert last.km > before + 1
    assert last.day == until - timedelta(days=1)
    old, new, trail = demo.plan_of(found, until, seed)["pairs"]
    assert 640 < old["km"] < 800
    assert new["km"] - last.km < 640 <= new["km"]
    assert trail["km"] > 150
    assert old["retired_on"] == new["first_used"]


def test_demo_files_are_read_by_fitparse(demo, tmp_path):
    demo.write(tmp_path, date(2026, 11, 21), 1)
    by_name = {outing.file_name: outing for outing in demo.outings(date(2026, 11, 21), 1)}
    files = sorted(tmp_path.glob("*/*.fit"))
    assert len(files) == len(by_name) > 300
    assert (tmp_path / "last-days" / list(by_name)[-1]).exists()
    for file in [*files[::40], *tmp_path.glob("last-days/*")]:
        outing = by_name[file.name]
        (session,) = messages(file.read_bytes(), "session")
        assert session["total_distance"] == pytest.approx(outing.km * 1000, abs=0.01)
        assert session["sport"] == outing.sport
        records = messages(file.read_bytes(), "record")
        assert records[-1]["distance"] == pytest.approx(outing.km * 1000, abs=0.01)


def test_a_folder_that_is_no_demo_is_left_alone(demo, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SystemExit, match="no demo"):
        demo.seed_home(tmp_path, date(2026, 11, 21), 1)
    assert contents(tmp_path) == {"mine.txt": b"mine"}
