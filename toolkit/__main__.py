"""`python -m toolkit` is `tawsim`."""

from toolkit.cli import main

main()
