"""`python -m twitchwatch`: what services start, wherever the script of that name lies."""

from twitchwatch.cli.main import main

if __name__ == "__main__":
    main()
