"""Whether the database answers, and is of this program's schema."""

from sqlalchemy.exc import SQLAlchemyError

from midsole.domain.errors import MidsoleError
from midsole.store.base import Store
from midsole.store.upgrades import revisions


def why_not_ready(store: Store) -> str | None:
    """In a sentence that names no place; None where all is well."""
    try:
        current, newest = revisions(store.engine)
    except (SQLAlchemyError, MidsoleError):
        return "The database does not answer."
    return None if current == newest else "The database's schema is not this program's."
