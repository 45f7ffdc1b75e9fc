"""What cannot be kept as SQL is refused before anything runs."""

import pytest
from kit.migrate import Refused, Release
from kit.migrate.plan import pending
from kit.migrate.render import render

from libs.kit.tests.migrate.site import A, C, Site, revision

ALCHEMY = "import sqlalchemy as sa\nreverse_is_nothing = True"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("""op.execute("UPDATE items SET note = '{\\"a\\":1}'")""", "no value for :1"),
        ("""op.get_bind().execute(sa.text("UPDATE items SET note = :v"), {"v": "x"})""", "no value for :v"),
        ("""op.get_bind().execute(sa.text("SELECT 1")).all()""", "'NoneType' object has no attribute 'all'"),
    ],
)
def test_a_way_back_that_does_not_render_is_refused(site: Site, line: str, reason: str) -> None:
    source = revision("x3", "b2", "SELECT 1", declares=ALCHEMY)
    release = site.release(A, x3=source.replace("def downgrade(): pass", f"def downgrade(): {line}"))
    site.run(site.release(A))

    with pytest.raises(Refused, match="downgrade x3:b2 does not render offline") as refusal:
        site.run(release)

    assert reason in str(refusal.value)
    assert site.revision == "b2"


def test_values_and_percent_signs_are_written_out(site: Site) -> None:
    source = revision("x3", "b2", declares=ALCHEMY).replace(
        "    pass",
        """    op.execute(sa.text("UPDATE items SET name = :v WHERE name LIKE '%'").bindparams(v="it's"))""",
        1,
    )

    rendered = render(site.release(A, x3=source), "b2:x3")

    assert "UPDATE items SET name = 'it''s' WHERE name LIKE '%';" in rendered


def steps(release: Release) -> dict[str, str]:
    """Give the effective declaration of each revision."""
    return {step.revision: step.compatible_since for step in pending(release, [], None)}


def test_what_is_not_declared_is_inherited_and_never_moves_back(site: Site) -> None:
    after = revision("i9", "h8", "SELECT 1", declares="compatible_since = 'b2'")

    found = steps(site.release(C, i9=after))

    assert found == {"a1": "a1", "b2": "a1", "c3": "a1", "d4": "a1", "e5": "a1", "f6": "b2", "g7": "b2"} | {
        "h8": "h8",
        "i9": "h8",
    }
