"""${message}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
#: The oldest code that runs on the schema from here on; None: as before this revision.
compatible_since: str | None = None
#: How long it waits for a lock, to be tried again as a whole, and works on one statement.
lock_timeout: str = "2s"
statement_timeout: str = "5min"


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
