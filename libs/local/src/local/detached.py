"""Start a supervisor that outlives its caller."""

import subprocess
import sys
import time
from collections.abc import Sequence

from local.home import Home
from local.supervisor import StartFailedError

_LIMIT = 300.0


def start_detached(home: Home, arguments: Sequence[str]) -> None:
    """Run the command in the background; return when it is ready, raise `StartFailedError` when it ends."""
    home.address.unlink(missing_ok=True)
    log = home.up_log
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = [each for each in arguments if each != "--detach"]
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "local", *kept, "--quiet"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _LIMIT
    while not home.address.exists():
        if time.monotonic() > deadline:
            child.terminate()
            child.wait()
        if child.poll() is not None:
            raise StartFailedError(log.read_text(errors="replace").strip().removeprefix("korrigo-local: "))
        time.sleep(0.05)
