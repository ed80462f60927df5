"""Where the bundled coordinator starts."""

import sys

from marble_coordinator.main import main

if __name__ == "__main__":
    sys.exit(main())
