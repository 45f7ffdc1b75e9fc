"""What the demo is about: invented people, two exams, what the students wrote and the markers noted."""

from dataclasses import dataclass

from local.demo.paper import Answer


@dataclass(frozen=True)
class Login:
    """An account of the demo."""

    role: str
    email: str
    name: str


@dataclass(frozen=True)
class Student:
    """A line of the roster."""

    family_name: str
    given_name: str
    birth_date: str
    email: str


@dataclass(frozen=True)
class Question:
    """A leaf or a node of a scheme; points in 1/100."""

    label: str
    title: str
    maximum: int = 0
    parent: str = ""


@dataclass(frozen=True)
class Exam:
    """An exam with the papers that its students handed in."""

    name: str
    date: str
    scheme: tuple[Question, ...]
    students: tuple[Student, ...]
    answers: tuple[Answer, ...]
    #: Copies that stay in staging, for the visitor to arrange and validate.
    left_in_staging: int = 0
    #: Copies finalized; of one more only the first questions are marked.
    finalized: int = 0
    is_released: bool = False


DOMAIN = "demo.example"
ADMIN = Login("admin", f"admin@{DOMAIN}", "Alix Renard")
OFFICE = Login("office", f"secretariat@{DOMAIN}", "Camille Petit")
MARKERS = (
    Login("marker", f"durand@{DOMAIN}", "Jeanne Durand"),
    Login("marker", f"mercier@{DOMAIN}", "Paul Mercier"),
)
STUDENT = Login("student", f"eloise.lefevre@{DOMAIN}", "Éloïse Lefèvre")

_STUDENTS = (
    Student("LEFÈVRE", "Éloïse", "07/03/2009", STUDENT.email),
    Student("BENALI", "Yanis", "21/11/2009", f"yanis.benali@{DOMAIN}"),
    Student("DA SILVA", "Tom", "30/06/2009", f"tom.dasilva@{DOMAIN}"),
    Student("NGUYEN", "Linh", "12/01/2009", f"linh.nguyen@{DOMAIN}"),
    Student("O'CONNOR", "Maëva", "18/09/2009", f"maeva.oconnor@{DOMAIN}"),
    Student("KOWALSKI", "Hugo", "02/04/2009", f"hugo.kowalski@{DOMAIN}"),
)

_FUNCTIONS = (
    Question("1", "Fonction affine"),
    Question("1.a", "Image de 4", 300, parent="1"),
    Question("1.b", "Sens de variation", 300, parent="1"),
    Question("2", "Second degré"),
    Question("2.a", "Discriminant", 400, parent="2"),
    Question("2.b", "Solutions", 500, parent="2"),
    Question("3", "Problème", 500),
)
_FRACTIONS = (Question("1", "Sommes", 400), Question("2", "Produits", 600), Question("3", "Problème", 1000))

_FUNCTION_PAGES = (
    (
        ("Exercice 1", "", "a) f(x) = 2x + 3", "   f(4) = 2 * 4 + 3 = 11", "", "b) a = 2 et 2 > 0"),
        ("Exercice 2", "", "D = b*b - 4ac = 25 - 24 = 1", "D > 0 : deux solutions.", "x = 2  ou  x = 3"),
    ),
    (
        ("Exercice 1", "", "a) f(4) = 11", "", "b) La fonction est croissante", "   car a est positif."),
        ("Exercice 2", "", "D = 1 donc x = 2 ou x = 3", "", "Exercice 3", "L'aire est égale à 12 cm2."),
    ),
    (
        ("Exercice 1", "", "a) f(4) = 2 + 4 + 3 = 9", "", "b) elle monte"),
        ("Exercice 2", "", "Je calcule D :", "D = 25 + 24 = 49", "x = -1  ou  x = 6"),
    ),
)
_FRACTION_PAGES = (
    (
        ("Exercice 1", "", "1/2 + 1/3 = 3/6 + 2/6 = 5/6", "", "Exercice 2", "2/3 * 3/4 = 6/12 = 1/2"),
        ("Problème", "", "Il reste 1 - 5/6 = 1/6 du gâteau.", "Chacun reçoit donc 1/12."),
    ),
    (
        ("Exercice 1", "", "1/2 + 1/3 = 2/5", "", "Exercice 2", "2/3 * 3/4 = 6/12"),
        ("Problème", "", "Il reste un sixième."),
    ),
)


def _answers(
    students: tuple[Student, ...], pages: tuple[tuple[tuple[str, ...], ...], ...]
) -> tuple[Answer, ...]:
    return tuple(
        Answer(student.family_name, student.given_name, student.birth_date, pages[number % len(pages)])
        for number, student in enumerate(students)
    )


EXAMS = (
    Exam(
        name="Contrôle 1 : fractions",
        date="2026-10-06",
        scheme=_FRACTIONS,
        students=_STUDENTS[:2],
        answers=_answers(_STUDENTS[:2], _FRACTION_PAGES),
        finalized=2,
        is_released=True,
    ),
    Exam(
        name="Contrôle 2 : fonctions",
        date="2026-11-17",
        scheme=_FUNCTIONS,
        students=_STUDENTS,
        answers=_answers(_STUDENTS, _FUNCTION_PAGES),
        left_in_staging=2,
        finalized=1,
    ),
)
