"""The database and the kept originals: the only importer of SQLAlchemy."""
