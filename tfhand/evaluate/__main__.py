"""`python -m tfhand.evaluate`."""

import sys

from tfhand.evaluate import main

sys.exit(main())
