"""What `korrigoctl doctor` looks at, from outside the cluster and from inside."""

from ctl.checks.verdict import Check, Verdict, checked

__all__ = ["Check", "Verdict", "checked"]
