"""Wait bare and ready, and fork a child for each job that comes through the control socket.

Run as `python -m rasterizer.zygote`; the control socket is descriptor 0. Each byte on it carries a socket of
its own, on which a request line comes in and the job's lines go out. Closing that socket ends the job;
closing the control socket ends the zygote.
"""

import gc
import json
import os
import signal
import socket
from contextlib import suppress

from rasterizer.child import Child, Limits, Line, follow
from rasterizer.jobs import JOBS
from rasterizer.refusals import Refused, SliceFailed, SliceKilled


def main() -> None:
    """Fork one warden per request until the control socket closes."""
    signal.signal(signal.SIGCHLD, _reap)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=0)
    gc.freeze()  # a child that looked for garbage here would copy the memory that it shares
    while True:
        data, descriptors, *_ = socket.recv_fds(control, 1, 1)
        if not data:
            return
        if os.fork() == 0:
            control.close()
            _guard(socket.socket(fileno=descriptors[0]))
        os.close(descriptors[0])


def _reap(*_: object) -> None:
    """Take leave of ended wardens; what they used counts as ours only if somebody asks how they ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _guard(requests: socket.socket) -> None:
    """Be the warden of one job: pass its lines on, and end it when the socket closes."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        with requests.makefile("rb") as received:
            request = json.loads(received.readline())
        child = Child(JOBS[request["job"]], request["args"], Limits(**request["limits"]))
        for line in follow(child, hangup=requests.fileno()):
            _send(requests, line)
        _send(requests, {"end": {"done": True}})
    except Refused as refusal:
        _send(requests, {"end": {"refused": refusal.reason}})
    except SliceKilled as killed:
        _send(requests, {"end": {"killed": killed.reason}})
    except SliceFailed as failed:
        _send(requests, {"end": {"error": str(failed)}})
    except OSError:
        pass  # nobody listens any more
    finally:
        os._exit(0)


def _send(requests: socket.socket, line: Line) -> None:
    requests.sendall(json.dumps(line, ensure_ascii=False).encode() + b"\n")


if __name__ == "__main__":
    main()
