"""Where the bundled console starts."""

import sys

from marble_console.main import main

if __name__ == "__main__":
    sys.exit(main())
