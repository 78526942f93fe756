"""``python -m tifa.cli``."""

from tifa.cli import main

main()
