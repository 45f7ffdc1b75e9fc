"""Make the demo of an installation unless it is there."""

import subprocess
from contextlib import ExitStack
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from local.demo import exams
from local.demo.content import ADMIN, EXAMS, MARKERS, OFFICE, STUDENT, Exam, Login
from local.demo.exams import Marker
from local.demo.people import DemoFailedError, Person, mailed_link
from local.files import read_json, write_json
from local.plan import Plan

Logins = list[dict[str, str]]


def ensure(plan: Plan) -> Logins:
    """Make the demo the first time and give its logins; go on with one that was interrupted."""
    record = plan.home.secrets / "demo.json"
    if not record.exists():
        _make(plan)
        write_json(record, [_shown(plan, login) for login in (ADMIN, OFFICE, *MARKERS, STUDENT)])
    return read_json(record, Logins())


def _make(plan: Plan) -> None:
    with ExitStack() as stack:
        admin = stack.enter_context(_person(plan, ADMIN))
        admin.sign_in(partial(_first_link, plan))
        account = {"email": OFFICE.email, "name": OFFICE.name, "language": "fr", "roles": ["office"]}
        admin.send("POST", "/accounts", account)
        office = stack.enter_context(_person(plan, OFFICE))
        office.sign_in(partial(mailed_link, plan.home, OFFICE.email))
        for exam in EXAMS:
            _make_exam(plan, stack, office, exam)
        student = stack.enter_context(_person(plan, STUDENT))
        student.sign_in(partial(mailed_link, plan.home, STUDENT.email))


def _make_exam(plan: Plan, stack: ExitStack, office: Person, exam: Exam) -> None:
    exam_id = exams.create(office, exam)
    markers = [_marker(plan, stack, office, exam_id, login) for login in MARKERS]
    copies = exams.import_scan(office, exam_id, exam)
    exams.stage(office, exam_id, exam, copies)
    exams.mark(office, exam_id, exam, markers)
    office.send("POST", f"/exams/{exam_id}/students/invite")
    if exam.is_released:
        exams.release(office, exam_id)


def _marker(plan: Plan, stack: ExitStack, office: Person, exam_id: str, login: Login) -> Marker:
    member = {"email": login.email, "name": login.name, "role": "marker"}
    office.send("POST", f"/exams/{exam_id}/members", member, step=login.email)
    person = stack.enter_context(_person(plan, login))
    account = person.sign_in(partial(mailed_link, plan.home, login.email))
    return Marker(person, account["id"])


def _person(plan: Plan, login: Login) -> Person:
    namespace = uuid5(NAMESPACE_URL, plan.secrets.password("demo.namespace"))
    return Person(plan.url, login.email, _password(plan, login), namespace=namespace)


def _password(plan: Plan, login: Login) -> str:
    return plan.secrets.password(f"demo.{login.email}")


def _shown(plan: Plan, login: Login) -> dict[str, str]:
    return {"role": login.role, "email": login.email, "password": _password(plan, login), "name": login.name}


def _first_link(plan: Plan) -> str:
    """Ask the gateway for the administrator's first link, as an operator would."""
    asked = ("invite", "--role", "admin", "--email", ADMIN.email, "--name", ADMIN.name)
    done = subprocess.run(
        plan.command("gateway", *asked),
        env=plan.environment("gateway"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        raise DemoFailedError(f"the first invitation failed:\n{done.stderr}")
    return done.stdout.strip().splitlines()[-1]
