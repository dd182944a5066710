"""The report: a twitch profile on one page of paper, as PDF or HTML, for a neurologist."""
