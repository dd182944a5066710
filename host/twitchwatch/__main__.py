"""`python -m twitchwatch`: what services start, wherever the `twitchwatch` script is installed."""

from twitchwatch.cli.main import main

if __name__ == "__main__":
    main()
