"""`python -m midsole` is the command `midsole`."""

from midsole.cli.main import main

if __name__ == "__main__":
    main()
