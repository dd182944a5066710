"""The published schema of the twitch profile, and the table of its keys.

python -m tests.report.published        rewrites docs/twitch-profile.schema.json
"""

import json

from tests.wording import ROOT
from twitchwatch.views.profile import PROFILE_VERSION, ProfileView
from twitchwatch.views.shape import schema


def profile_schema():
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Twitch profile, version {PROFILE_VERSION}",
        **schema(ProfileView),
    }


if __name__ == "__main__":
    (ROOT / "docs" / "twitch-profile.schema.json").write_text(json.dumps(profile_schema(), indent=1) + "\n")
