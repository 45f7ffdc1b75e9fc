"""A marker at the desk: leases, acts, and what becomes of them."""

import asyncio
from datetime import timedelta

import pytest
from kit.errors import Refusal
from korrigo.grading.v1 import grading_pb2 as nouns
from korrigo.grading.v1 import grading_service_pb2 as pb

from services.grading.tests.desk import ACCEPTED, ADA, BOB, REFUSED, SET_ASIDE, Grading
from services.grading.tests.journal import Browser

MARKING_STATEMENTS = 6
RECORDING_STATEMENTS = 9


@pytest.fixture
async def begun(grading: Grading) -> Grading:
    """Give an exam with one copy, Ada's."""
    await grading.begin()
    return grading


async def expire(grading: Grading) -> None:
    """Let every lease expire."""
    await grading.sql("UPDATE leases SET expires_at = now() - interval '1 second'")


async def hand_lease_to(grading: Grading, marker: str) -> None:
    """Let another marker hold the lease."""
    await grading.sql("UPDATE leases SET marker_id = :marker, id = 'theirs'", marker=marker)


async def test_what_was_written_is_what_the_desk_shows(begun: Grading) -> None:
    tab = Browser()
    acts = [
        tab.mark("q1a", 150),
        tab.mark("q1b", 0),
        tab.mark("q2", None),
        tab.remark("q1a", "√2 ≤ ∞"),
        tab.appreciate("Bien."),
        tab.draw("stroke", page="copy-1-1"),
        tab.draw("second", page="copy-1-2"),
    ]

    recorded = await begun.record("copy-1", acts)
    marking = await begun.marking("copy-1")

    assert [outcome.state for outcome in recorded.outcomes] == [ACCEPTED] * 7
    assert {mark.question_id: (mark.HasField("points"), mark.points) for mark in marking.marks} == {
        "q1a": (True, 150),
        "q1b": (True, 0),
        "q2": (False, 0),
    }
    assert [(remark.text, remark.version) for remark in marking.remarks] == [("√2 ≤ ∞", 1)]
    assert (marking.appreciation, marking.appreciation_version) == ("Bien.", 1)
    assert [annotation.id for annotation in marking.annotations] == ["stroke", "second"]
    assert marking.annotations[0].points == acts[5].put_annotation.points
    assert (marking.copy.questions_marked, marking.copy.points) == (2, 150)
    assert marking.copy.version == recorded.copy_version
    assert [page.page_id for page in marking.pages] == ["copy-1-1", "copy-1-2"]
    assert marking.exam.id == begun.exam_id


async def test_the_desk_is_read_in_few_statements(begun: Grading) -> None:
    tab = Browser()
    await begun.record("copy-1", [*tab.all_marks(), *(tab.draw(f"s{n}", page="copy-1-1") for n in range(50))])

    with begun.counting() as statements:
        marking = await begun.marking("copy-1")

        assert len(marking.annotations) == 50
        assert statements() <= MARKING_STATEMENTS


async def test_a_repeated_act_has_the_same_outcome_and_no_second_effect(begun: Grading) -> None:
    tab = Browser()
    acts = [tab.mark("q1a", 150), tab.mark("q1a", 999)]

    first = await begun.record("copy-1", acts)
    again = await begun.record("copy-1", [*reversed(acts)])

    assert [*reversed(again.outcomes)] == [*first.outcomes]
    assert again.copy_version == first.copy_version
    assert await begun.told("CopyChanged") == 3


async def test_only_a_change_of_progress_is_told(begun: Grading) -> None:
    tab = Browser()
    told = await begun.told("CopyChanged")

    await begun.record("copy-1", [tab.remark("q1a", "bien"), tab.draw("stroke", page="copy-1-1")])
    assert await begun.told("CopyChanged") == told
    await begun.record("copy-1", tab.all_marks())

    assert await begun.told("CopyChanged") == told + 1


async def test_each_act_stands_on_its_own(begun: Grading) -> None:
    tab = Browser()
    acts = [
        tab.mark("q1a", 10),
        tab.mark("q1a", 100),
        tab.mark("q9", 100),
        tab.mark("q1b", 100, scheme=1),
        tab.draw("stroke", page="elsewhere"),
        tab.remark("q2", "x" * 5001),
    ]

    recorded = await begun.record("copy-1", acts)

    assert [(outcome.state, outcome.reason) for outcome in recorded.outcomes] == [
        (REFUSED, "POINTS_OFF_STEP"),
        (ACCEPTED, ""),
        (REFUSED, "QUESTION_UNKNOWN"),
        (REFUSED, "SCHEME_CHANGED"),
        (REFUSED, "ANNOTATION_INVALID"),
        (REFUSED, "TEXT_TOO_LONG"),
    ]


async def test_an_act_without_content_is_refused(begun: Grading) -> None:
    recorded = await begun.record("copy-1", [nouns.Act(act_id="a", journal_id="tab", sequence=1)])

    assert (recorded.outcomes[0].state, recorded.outcomes[0].reason) == (REFUSED, "ACT_EMPTY")


async def test_an_act_cannot_take_the_place_of_another(begun: Grading) -> None:
    act = Browser().mark("q1a", 100)
    await begun.record("copy-1", [act])
    act.act_id = "another"

    with pytest.raises(Refusal) as caught:
        await begun.record("copy-1", [act])

    assert caught.value.reason == "ACTS_INVALID"


async def test_an_erased_stroke_is_gone_and_can_be_undone(begun: Grading) -> None:
    tab = Browser()
    await begun.record("copy-1", [tab.draw("stroke", page="copy-1-1"), tab.erase("stroke", base=1)])
    assert not (await begun.marking("copy-1")).annotations

    recorded = await begun.record("copy-1", [tab.draw("stroke", page="copy-1-1", base=2)])

    assert recorded.outcomes[0].version == 3
    assert [a.id for a in (await begun.marking("copy-1")).annotations] == ["stroke"]


async def test_two_tabs_cannot_overwrite_each_other_silently(begun: Grading) -> None:
    one, two = Browser(), Browser()

    answers = await asyncio.gather(
        begun.record("copy-1", [one.mark("q1a", 100)]), begun.record("copy-1", [two.mark("q1a", 200)])
    )

    outcomes = [answer.outcomes[0] for answer in answers]
    assert sorted(outcome.state for outcome in outcomes) == [ACCEPTED, SET_ASIDE]
    loser = next(outcome for outcome in outcomes if outcome.state == SET_ASIDE)
    assert (loser.reason, loser.version) == ("VERSION_CONFLICT", 1)
    marking = await begun.marking("copy-1")
    (aside,) = marking.set_aside
    assert aside.reason == "VERSION_CONFLICT"
    assert {aside.act.set_mark.points, marking.marks[0].points} == {100, 200}


async def test_many_tabs_at_once_lose_nothing(begun: Grading) -> None:
    async def write(tab: Browser) -> None:
        for number in range(3):
            await begun.record("copy-1", [tab.draw(f"{tab.id}-{number}", page="copy-1-1")])

    await asyncio.gather(*(write(Browser()) for _ in range(4)))

    assert len((await begun.marking("copy-1")).annotations) == 12
    assert (await begun.copy("copy-1")).version == 2 + 12


async def test_a_mark_takes_few_statements(begun: Grading) -> None:
    tab = Browser()
    await begun.record("copy-1", [tab.mark("q1a", 100)])

    with begun.counting() as statements:
        await begun.record("copy-1", [tab.mark("q1a", 150)])

        assert statements() <= RECORDING_STATEMENTS


async def test_a_marker_takes_up_the_same_lease_after_a_reload(begun: Grading) -> None:
    first = await begun.lease("copy-1")
    again = await begun.lease("copy-1")

    assert again.id == first.id
    assert again.expires_at.ToDatetime() >= first.expires_at.ToDatetime()
    assert (await begun.copy("copy-1")).lease.id == first.id


async def test_a_lease_held_by_another_is_refused_until_it_expires(begun: Grading) -> None:
    await begun.lease("copy-1")
    await hand_lease_to(begun, BOB)

    with pytest.raises(Refusal) as caught:
        await begun.lease("copy-1")
    assert (caught.value.code, caught.value.reason) == ("FAILED_PRECONDITION", "LEASE_HELD")

    await expire(begun)
    assert (await begun.lease("copy-1")).marker_id == ADA


async def test_whoever_waits_for_a_copy_sees_the_lease_of_who_was_first(begun: Grading) -> None:
    async with begun.store() as store:
        await store.copies.lock("copy-1")
        waiting = asyncio.create_task(begun.lease("copy-1"))
        await begun.until_waiting()
        await store.leases.grant("copy-1", "theirs", BOB, timedelta(minutes=30))

    with pytest.raises(Refusal) as caught:
        await waiting

    assert caught.value.reason == "LEASE_HELD"


async def test_two_reloads_at_once_share_one_lease(begun: Grading) -> None:
    leases = await asyncio.gather(*(begun.lease("copy-1") for _ in range(4)))

    assert len({lease.id for lease in leases}) == 1


async def test_a_heartbeat_extends_the_lease_even_after_it_expired(begun: Grading) -> None:
    lease = await begun.lease("copy-1")
    await expire(begun)
    request = pb.RenewLeaseRequest(exam_id=begun.exam_id, copy_id="copy-1", lease_id=lease.id)

    with begun.acting("marker", ADA):
        renewed = (await begun.stub.RenewLease(request)).lease

    assert renewed.expires_at.ToDatetime() >= lease.expires_at.ToDatetime()


async def test_a_heartbeat_tells_that_the_lease_is_lost(begun: Grading) -> None:
    lease = await begun.lease("copy-1")
    await hand_lease_to(begun, BOB)
    request = pb.RenewLeaseRequest(exam_id=begun.exam_id, copy_id="copy-1", lease_id=lease.id)

    with begun.acting("marker", ADA), pytest.raises(Refusal) as caught:
        await begun.stub.RenewLease(request)

    assert caught.value.reason == "LEASE_LOST"


async def test_a_lease_can_be_given_back_twice(begun: Grading) -> None:
    lease = await begun.lease("copy-1")
    request = pb.ReleaseLeaseRequest(exam_id=begun.exam_id, copy_id="copy-1", lease_id=lease.id)

    with begun.acting("marker", ADA):
        await begun.stub.ReleaseLease(request)
        await begun.stub.ReleaseLease(request)

    assert not (await begun.copy("copy-1")).HasField("lease")


async def test_an_expired_lease_that_is_free_is_granted_again_with_the_act(begun: Grading) -> None:
    lease = await begun.lease("copy-1")
    await expire(begun)

    recorded = await begun.record("copy-1", [Browser().mark("q1a", 100)])

    assert recorded.outcomes[0].state == ACCEPTED
    assert recorded.lease.id == lease.id
    assert (await begun.copy("copy-1")).lease.id == lease.id


async def test_an_act_without_the_lease_is_kept_aside_for_its_author(begun: Grading) -> None:
    await begun.lease("copy-1")
    await hand_lease_to(begun, BOB)

    recorded = await begun.record("copy-1", [Browser().mark("q1a", 100)])

    assert (recorded.outcomes[0].state, recorded.outcomes[0].reason) == (SET_ASIDE, "LEASE_LOST")
    assert not recorded.HasField("lease")
    marking = await begun.marking("copy-1")
    assert not marking.marks
    assert [aside.act.set_mark.points for aside in marking.set_aside] == [100]


async def test_an_act_on_a_finalized_copy_is_kept_aside(begun: Grading) -> None:
    tab = Browser()
    await begun.record("copy-1", tab.all_marks())
    await begun.finalize("copy-1", tab)

    recorded = await begun.record("copy-1", [tab.mark("q1a", 0)])

    assert (recorded.outcomes[0].state, recorded.outcomes[0].reason) == (SET_ASIDE, "COPY_FINALIZED")
    assert not recorded.HasField("lease")
    with pytest.raises(Refusal) as caught:
        await begun.lease("copy-1")
    assert caught.value.reason == "COPY_FINALIZED"


async def test_the_next_marker_does_not_see_what_was_set_aside_for_the_last(begun: Grading) -> None:
    await begun.lease("copy-1")
    await hand_lease_to(begun, "cleo")
    await begun.record("copy-1", [Browser().mark("q1a", 100)])
    await begun.reassign(ADA, BOB)

    assert not (await begun.marking("copy-1", BOB)).set_aside


async def test_what_was_written_before_the_copy_went_to_another_is_kept_aside(begun: Grading) -> None:
    acts = Browser().all_marks()
    await begun.lease("copy-1")
    await begun.reassign(ADA, BOB)
    held = await begun.lease("copy-1", BOB)

    recorded = await begun.record("copy-1", acts)
    again = await begun.record("copy-1", acts)

    assert [(outcome.state, outcome.reason) for outcome in recorded.outcomes] == [
        (SET_ASIDE, "LEASE_LOST")
    ] * 3
    assert [*again.outcomes] == [*recorded.outcomes]
    assert not recorded.HasField("lease")
    assert (await begun.copy("copy-1")).lease.id == held.id
    assert not (await begun.marking("copy-1", BOB)).marks
    assert [aside.act.act_id for aside in await begun.set_aside()] == [act.act_id for act in acts]


async def test_a_copy_of_another_takes_no_acts_of_who_never_had_it(begun: Grading) -> None:
    with pytest.raises(Refusal) as caught:
        await begun.record("copy-1", Browser().all_marks(), BOB)

    assert caught.value.reason == "COPY_UNKNOWN"


async def test_what_is_set_aside_names_its_copy_but_shows_nothing_of_it(begun: Grading) -> None:
    tab = Browser()
    await begun.reassign(ADA, BOB)
    await begun.record("copy-1", [tab.mark("q1a", 100)])
    code = (await begun.copy("copy-1")).code

    (aside,) = await begun.set_aside()

    assert (aside.copy_id, aside.copy_code, aside.act.set_mark.points) == ("copy-1", code, 100)
    assert (aside.exam_id, aside.is_assigned) == (begun.exam_id, False)
    assert not await begun.set_aside(BOB)


async def test_a_dismissed_act_is_shown_no_more(begun: Grading) -> None:
    await begun.lease("copy-1")
    await hand_lease_to(begun, BOB)
    acts = Browser().all_marks()
    await begun.record("copy-1", acts)

    for _ in range(2):
        await begun.dismiss("copy-1", acts[0].act_id)

    left = [act.act_id for act in acts[1:]]
    assert [aside.act.act_id for aside in (await begun.marking("copy-1")).set_aside] == left
    assert [aside.act.act_id for aside in await begun.set_aside()] == left
    repeated = await begun.record("copy-1", acts[:1])
    assert repeated.outcomes[0].state == SET_ASIDE


async def test_only_the_author_dismisses_an_act_and_only_one_set_aside(begun: Grading) -> None:
    tab = Browser()
    applied = tab.mark("q1a", 100)
    await begun.record("copy-1", [applied])
    await begun.reassign(ADA, BOB)
    late = tab.mark("q1a", 200)
    await begun.record("copy-1", [late])

    for marker, act in ((BOB, late), (ADA, applied)):
        with pytest.raises(Refusal) as caught:
            await begun.dismiss("copy-1", act.act_id, marker)
        assert caught.value.reason == "ACT_UNKNOWN"


async def test_a_thousand_acts_at_once_are_too_many(begun: Grading) -> None:
    tab = Browser()

    with pytest.raises(Refusal) as caught:
        await begun.record("copy-1", [tab.mark("q1a", 100) for _ in range(501)])

    assert caught.value.reason == "ACTS_INVALID"
