"""The tables of the sample."""

from kit import db
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The sample's tables."""

    metadata = db.metadata("sample")


TABLES = db.kit_tables(Base.metadata)


class Box(Base):
    """Something that changes."""

    __tablename__ = "boxes"
    __table_args__ = (CheckConstraint("content >= 0", name="content_positive"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[int]
