"""The dashboard: pages of the archive on this computer's own loopback interface, for one wearer."""
