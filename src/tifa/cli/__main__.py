"""Run the command ``tifa`` with ``python -m tifa.cli``."""

from tifa.cli import main

main()
