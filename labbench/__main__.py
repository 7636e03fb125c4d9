"""`python -m labbench`."""

from labbench.cli import main

if __name__ == "__main__":
    main()
