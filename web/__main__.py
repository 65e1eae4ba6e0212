"""``python -m web``: the same as ``sector-centre serve``."""

from web.serving import main

main()
