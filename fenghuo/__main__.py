"""`fenghuo` and `python -m fenghuo`."""

import sys

from fenghuo.ops.cli import main

if __name__ == "__main__":
    sys.exit(main())
