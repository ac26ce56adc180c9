"""`python -m tfhand.app`: the page in the browser, see `tfhand.app.command`."""

import sys

from tfhand.app.command import main

if __name__ == "__main__":
    sys.exit(main())
