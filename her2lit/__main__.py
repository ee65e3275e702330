"""``python -m her2lit`` is ``her2lit``."""

from her2lit.cli import main

if __name__ == "__main__":
    main()
