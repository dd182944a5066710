"""`twitchwatch`, and `python -m twitchwatch`, which services start wherever the script is installed."""

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
