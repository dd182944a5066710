"""The entry point of `twitchwatch` and of `python -m twitchwatch`, which services start."""

from twitchwatch import start


def main() -> None:
    """Entry point of the installed program."""
    try:
        start.begin()
        from twitchwatch.cli.main import main as run
    except KeyboardInterrupt:
        raise SystemExit(start.stopped_by(2)) from None
    run()


if __name__ == "__main__":
    main()
