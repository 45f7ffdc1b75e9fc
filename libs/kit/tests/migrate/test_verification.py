"""After a migration the schema is compared with the models."""

import enum
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from kit import db
from kit.migrate import MigrationFailed
from sqlalchemy import BigInteger, CheckConstraint, Enum, Identity, Index, Numeric, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from libs.kit.tests.migrate.site import B, Site


class Base(DeclarativeBase):
    """The shop's tables."""

    metadata = db.metadata("shop")


class State(enum.Enum):
    """What an item is."""

    draft = 1
    live = 2


class Item(Base):
    """A thing to sell."""

    __tablename__ = "items"
    __table_args__ = (CheckConstraint("price >= 0", name="price"), Index("ix_items_price", "price"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2), server_default=text("0"))
    state: Mapped[State] = mapped_column(Enum(State, name="item_state"), server_default="draft")
    note: Mapped[str | None] = mapped_column(Text)
    number: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (
            "ALTER TABLE items DROP CONSTRAINT ck_items_price",
            "only in the models: constraint items.ck_items_price",
        ),
        (
            "ALTER TABLE items ALTER COLUMN price SET DEFAULT 1",
            "only in the models: column items.price numeric(10,2)",
        ),
        (
            "ALTER TYPE item_state RENAME VALUE 'live' TO 'alive'",
            "only in the models: enum item_state draft, live",
        ),
        (
            "ALTER TABLE items ADD COLUMN z int NOT NULL",
            "only in the schema: column items.z integer not null",
        ),
        (
            "ALTER TABLE items ADD CONSTRAINT half NOT NULL note NOT VALID",
            "constraint items.half NOT NULL note NOT VALID",
        ),
        (
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_items_price'::regclass",
            "(price) INVALID",
        ),
    ],
)
def test_what_the_code_would_stumble_over_fails_the_migration(site: Site, harm: str, reason: str) -> None:
    release = site.release(B, Base.metadata)
    site.run(release)
    site.sql(harm)

    with pytest.raises(MigrationFailed, match="the schema differs from the models") as failure:
        site.run(release)

    assert reason in str(failure.value)


def test_a_schema_may_hold_more_than_the_models_say(site: Site) -> None:
    release = site.release(B, Base.metadata)
    site.run(release)
    site.sql("ALTER TABLE items ADD COLUMN y int, ADD COLUMN z int NOT NULL DEFAULT 3")
    site.sql("CREATE INDEX extra ON items (note)")
    site.sql("CREATE TABLE others (id int NOT NULL)")

    assert site.run(release) == "nothing to do: the schema is at g7"


def test_a_role_without_temporary_tables_says_that_it_did_not_compare(site: Site) -> None:
    release = site.release(B, Base.metadata)
    site.run(release)
    with site.connect() as connection:
        connection.execute("DROP ROLE IF EXISTS keeper")
        connection.execute("CREATE ROLE keeper LOGIN")
        connection.execute("GRANT ALL ON SCHEMA shop TO keeper")
        connection.execute("GRANT ALL ON ALL TABLES IN SCHEMA shop TO keeper")
        connection.execute(f"REVOKE TEMPORARY ON DATABASE {connection.info.dbname} FROM PUBLIC")

    site.dsn = site.dsn.replace("postgres@", "keeper@")

    assert site.run(release).endswith("not compared with the models: the role may not make temporary tables")


def test_the_stored_way_back_of_every_revision_restores_the_schema(site: Site) -> None:
    """Up one revision, back by what was stored, up again: the catalogue is as it was in between."""
    heads = ["a1", "b2", "c3", "d4", "e5", "f6", "g7", "h8"]
    site.run(site.release("a1"))
    for before, after in pairwise(heads):
        described = site.described()
        site.run(site.release(after), migrate_allow=f"shop:{after}")
        site.sql(f"UPDATE schema_release SET compatible_since = '{after}' WHERE revision = '{after}'")
        site.run(site.release(before), "back", migrate_allow=f"shop:{after}")
        assert site.described() == described, after
        site.run(site.release(after), migrate_allow=f"shop:{after}")
