"""The page as a Space: set the secret TFHAND_APP_PASSWORD, and whoever knows it can use the page."""

import sys

from tfhand.app import main

if __name__ == "__main__":
    sys.exit(main(["--host", "0.0.0.0", "--port", "7860", "--no-open", "--max-upload", "15", "--max-files", "6"]))
