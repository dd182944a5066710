"""A study: nights of consented wearers under pseudonyms, in files that a laboratory can query and analyse"""
