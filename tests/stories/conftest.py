"""The main job in its stages; whoever asks for one has all before it behind them."""

from pathlib import Path

import pytest

from tests.client import Client, RefusedError
from tests.people import People
from tests.stories import job as steps
from tests.stories.job import Job
from tests.stories.paper import STUDENTS


@pytest.fixture(scope="session")
def imported(people: People, desk_drawer: Path) -> Job:
    """Every side is rendered."""
    return steps.start(people, desk_drawer)


@pytest.fixture(scope="session")
def staged(imported: Job) -> Job:
    """Every page is in its place, every copy has its student."""
    steps.stage(imported)
    return imported


@pytest.fixture(scope="session")
def opened(staged: Job) -> Job:
    """Two markers have their copies."""
    staged.exam.open(staged.exam.staged())
    staged.exam.dispatch()
    return staged


@pytest.fixture(scope="session")
def refused_release(opened: Job) -> RefusedError:
    """The office tried to release before anything was marked."""
    with pytest.raises(RefusedError) as caught:
        opened.exam.send("POST", "/release")
    return caught.value


@pytest.fixture(scope="session")
def marked(opened: Job, refused_release: RefusedError) -> Job:
    """Every copy is marked."""
    steps.mark(opened)
    return opened


@pytest.fixture(scope="session")
def finalized(marked: Job) -> Job:
    """Every copy has its PDF."""
    steps.finalize(marked)
    return marked


@pytest.fixture(scope="session")
def student(finalized: Job, people: People) -> Client:
    """The first student, invited by mail, before the release."""
    finalized.exam.send("POST", "/students/invite")
    return people.invited(STUDENTS[0].email)


@pytest.fixture(scope="session")
def seen_too_early(student: Client) -> list[dict[str, object]]:
    """What the first student saw before the release."""
    return student.items("/results")


@pytest.fixture(scope="session")
def released(finalized: Job, student: Client, seen_too_early: list[dict[str, object]]) -> Job:
    """Students see their results."""
    finalized.exam.release()
    return finalized
