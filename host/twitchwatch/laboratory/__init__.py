"""Many recordings at once: tables, pictures, a manifest to repeat the run, and nights in the database"""
