"""The page as a Space: set the secret TFHAND_APP_PASSWORD, and whoever knows it can use the page."""

import os
import sys

from tfhand.app import main

if __name__ == "__main__":
    place = ["--host", "0.0.0.0", "--port", os.environ.get("PORT", "7860")]
    sys.exit(main([*place, "--no-open", "--max-upload", "15", "--max-files", "6"]))
