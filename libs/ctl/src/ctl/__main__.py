"""`python -m ctl`, the same as `korrigoctl`."""

from ctl.cli import main

if __name__ == "__main__":
    main()
