"""``python -m jupyter_plant_together.cli``."""

import sys

from .main import main

sys.exit(main())
