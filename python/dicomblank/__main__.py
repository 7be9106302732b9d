"""`python -m dicomblank`: the command."""

import sys

from dicomblank.cli import main

if __name__ == "__main__":
    sys.exit(main())
