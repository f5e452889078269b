"""Alembic's environment for every service: the caller brings the connection, its transaction and the schema."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="migration",
    version_table_schema=context.config.attributes["schema"],
)
context.run_migrations()
