"""What a command ends with when it could not do what it was asked."""


class Failure(Exception):  # noqa: N818 -- says what happened
    """The command was not carried out; the message says why and what to do."""

    exit_code = 1
