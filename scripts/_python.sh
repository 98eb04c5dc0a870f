# shellcheck shell=bash
# Shared by start, test and check: finds an interpreter and keeps .venv in the state pyproject.toml asks for.
# Sourced; the caller has set -euo pipefail.

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
venv=$root/.venv
stamp=$venv/midsole.stamp           # what is installed; written last
installing=$venv/midsole.installing # left behind by an install that was killed

say() { printf '%s\n' "$*" >&2; }

# The program behind a candidate, if it runs and is Python 3.12 or newer. It is run, not judged by its name:
# a version manager's shim may exist for a version that is not active.
python_behind() {
    "$1" -c 'import sys
sys.version_info >= (3, 12) or sys.exit(1)
print(getattr(sys, "_base_executable", "") or sys.executable)' </dev/null 2>/dev/null
}

makes_venvs() { "$1" -c 'import ensurepip, venv' </dev/null >/dev/null 2>&1; }

# Every interpreter worth asking, best first, one a line.
python_candidates() {
    local name
    for name in python3.14 python3.13 python3.12 python3; do
        type -aP "$name" || true
    done
    printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3 | sort -rV
    if type -P uv >/dev/null; then
        uv python find '>=3.12' 2>/dev/null ||
            { uv python install --quiet 3.13 && uv python find '>=3.12'; } 2>/dev/null || true
    fi
}

# Prints the interpreter to use, or says in one sentence what to install.
find_python() {
    local candidate found without_venv=''
    if [[ -n ${PYTHON:-} ]]; then
        if found=$(python_behind "$PYTHON") && makes_venvs "$found"; then
            printf '%s\n' "$found"
            return
        fi
        say "PYTHON is set to $PYTHON, which is not a Python 3.12 or newer with venv: looking further."
    fi
    while read -r candidate; do
        found=$(python_behind "$candidate") || continue
        if makes_venvs "$found"; then
            printf '%s\n' "$found"
            return
        fi
        without_venv=${without_venv:-$found}
    done < <(python_candidates)
    if [[ -n $without_venv ]]; then
        local version
        version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        say "$without_venv cannot make virtual environments: install its venv module" \
            "(Debian, Ubuntu: sudo apt install python$version-venv) and start again."
    else
        say "Midsole needs Python 3.12 or newer and found none: install one (for example" \
            "python3.13 with your package manager, or uv from https://docs.astral.sh/uv/) and start again."
    fi
    return 1
}

# What the environment depends on, as one line.
wanted() {
    printf '%s %s %s\n' "$(cat "$root/pyproject.toml" "$root/config/constraints.txt" | cksum | tr ' ' '-')" \
        "$(readlink -f "$venv/bin/python")" "$root"
}

# installed EXTRA: is .venv what EXTRA (run or dev) needs? The dev install is good for both.
installed() {
    [[ -x $venv/bin/python && -f $stamp ]] || return 1
    local have
    have=$(<"$stamp")
    [[ $have == "dev $(wanted)" || $have == "$1 $(wanted)" ]]
}

# A .venv that pip can work on: the one that is there, unless it is broken, half made or moved. So $PYTHON counts when
# .venv is made, not after: delete .venv to change the interpreter.
make_venv() {
    local python
    if [[ ! -e $installing && (! -f $stamp || $(<"$stamp") == *" $root") ]] &&
        python_behind "$venv/bin/python" >/dev/null && "$venv/bin/pip" --version >/dev/null 2>&1; then
        return
    fi
    python=$(find_python) || return 1
    say "Making .venv with $python"
    "$python" -m venv --clear "$venv" || {
        say "$python could not make $venv: see the lines above."
        return 1
    }
}

# set_up EXTRA: after it, $venv/bin holds midsole and what EXTRA (run or dev) needs.
set_up() {
    local extra=$1
    if installed "$extra"; then return; fi
    exec 9<"$root/pyproject.toml"
    if type -P flock >/dev/null; then flock 9 || true; fi # two starts at once: one installs
    if ! installed "$extra"; then
        [[ ! -f $stamp || $(<"$stamp") != dev\ * ]] || extra=dev
        make_venv || return 1
        install_into_venv "$extra" || return 1
    fi
    exec 9<&-
}

install_into_venv() {
    local what=$root
    [[ $1 != dev ]] || what="$root[dev]"
    say "Installing into .venv (only when something changed; may take a minute) ..."
    rm -f "$stamp"
    : >"$installing"
    if ! "$venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check \
        --editable "$what" --constraint "$root/config/constraints.txt" >&2; then
        rm -f "$installing"
        say "The installation failed: see pip's lines above; once mended, start again."
        return 1
    fi
    printf '%s\n' "$1 $(wanted)" >"$stamp"
    rm -f "$installing"
}
