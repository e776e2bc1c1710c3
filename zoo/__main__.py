"""python -m zoo: the verbs on the command line."""

import sys

from zoo.cli import main

sys.exit(main())
