"""Run revisions on the connection and with the options that the caller hands over."""

from alembic import context

context.configure(**context.config.attributes["configure"])
with context.begin_transaction():
    context.run_migrations()
