"""What the demo is about: invented people, two exams, what the students wrote and the markers noted."""

from dataclasses import dataclass

from local.demo.paper import Answer, Pages


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


def _pages(*texts: str) -> Pages:
    return tuple(tuple(line.removeprefix(" " * 8) for line in text.splitlines()) for text in texts)


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

_FUNCTION_PAGES: tuple[Pages, ...] = (
    _pages(
        """Exercice 1

        a) On a f(x) = 2x + 3, donc
           f(4) = 2 * 4 + 3 = 8 + 3 = 11.
           L'image de 4 est 11.

        b) Le coefficient directeur est a = 2.
           Comme 2 > 0, la fonction f est
           croissante sur R.""",
        """Exercice 2

        a) D = b*b - 4ac avec a = 1, b = -5, c = 6
           D = 25 - 24 = 1

        b) D > 0, il y a deux solutions :
           x = (5 - 1) / 2 = 2
           x = (5 + 1) / 2 = 3

        Exercice 3

        Soit x la largeur. L'aire vaut x(x + 1).
        On cherche x(x + 1) = 12, donc x = 3.""",
    ),
    _pages(
        """Exercice 1

        a) f(4) = 11

        b) La fonction est croissante car
           a est positif. Elle coupe l'axe
           des ordonnées en 3.""",
        """Exercice 2

        Je trouve D = 1, donc x = 2 ou x = 3.
        Vérification : 2 * 3 = 6 et 2 + 3 = 5.

        Exercice 3

        La largeur est 3 cm et la longueur
        est 4 cm, parce que 3 * 4 = 12.""",
    ),
    _pages(
        """Exercice 1

        a) f(4) = 2 + 4 + 3 = 9

        b) Elle monte, on le voit
           sur la calculatrice.""",
        """Exercice 2

        Je calcule D :
        D = 25 + 24 = 49
        x = (5 - 7) / 2 = -1
        x = (5 + 7) / 2 = 6

        Exercice 3 : pas eu le temps.""",
    ),
)
_FRACTION_PAGES: tuple[Pages, ...] = (
    _pages(
        """Exercice 1

        1/2 + 1/3 = 3/6 + 2/6 = 5/6

        Exercice 2

        2/3 * 3/4 = 6/12 = 1/2""",
        """Problème

        On a mangé la moitié puis un tiers
        du gâteau, c'est-à-dire 5/6.
        Il reste 1 - 5/6 = 1/6 du gâteau.
        À deux, chacun reçoit donc 1/12.""",
    ),
    _pages(
        """Exercice 1

        1/2 + 1/3 = 2/5

        Exercice 2

        2/3 * 3/4 = 6/12""",
        """Problème

        Il reste un sixième du gâteau,
        je crois. Je ne sais pas le partager.""",
    ),
)


def _answers(students: tuple[Student, ...], pages: tuple[Pages, ...]) -> tuple[Answer, ...]:
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
