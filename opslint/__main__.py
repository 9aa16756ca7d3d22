"""`python -m opslint`."""

from opslint.cli import main

main(prog_name="opslint")
