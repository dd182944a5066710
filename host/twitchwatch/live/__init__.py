"""The live feed: what the daemon receives at this moment, on a socket beside the database"""
