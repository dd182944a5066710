"""Calm: messages a year to a healthy wearer, and how soon one who worsens gets the right one."""
