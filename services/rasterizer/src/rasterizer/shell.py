"""Serve a shell: the jobs of the rasterizer without any server.

    python -m rasterizer inspect FILE
    python -m rasterizer render FILE --out DIR [--sides 1-50] [--workers 2]
    python -m rasterizer stamp FILE --annotations FILE.json --out FILE.pdf

Answers are JSON lines. The exit status is 0 if every side or page is there, 1 if one is not, 2 if the command
makes no sense, 3 if the file is refused.
"""

import argparse
import json
import os
import re
import resource
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from rasterizer.child import Child, Limits, Line, follow
from rasterizer.jobs import JOBS
from rasterizer.refusals import RefusalReason, Refused, SliceFailed, SliceKilled
from rasterizer.slices import Rendering

DONE, FAILED, REFUSED = 0, 1, 3


def main(arguments: Sequence[str]) -> NoReturn:
    """Run one command and leave with its exit status."""
    try:
        status = _status(_parser().parse_args(arguments))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the lines has seen enough
        status = FAILED
    os._exit(status)  # taking the libraries down again would cost a fifth of the start-up


def _status(parsed: argparse.Namespace) -> int:
    command: Callable[[argparse.Namespace], int] = parsed.command
    try:
        return command(parsed)
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return FAILED
    except SliceKilled:
        return _refuse(Refused(RefusalReason.TOO_COSTLY))
    except SliceFailed as failed:
        sys.stderr.write(f"{failed}\n")
        return FAILED
    except Refused as refusal:
        return _refuse(refusal)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rasterizer")
    commands = parser.add_subparsers(required=True)
    inspect = commands.add_parser("inspect", help="tell what a PDF holds")
    inspect.set_defaults(command=_inspect)
    render = commands.add_parser("render", help="write the images of a PDF")
    render.add_argument("--out", type=Path, required=True)
    render.add_argument("--sides", type=_range, default=(1, sys.maxsize), help="a side or a range: 7, 1-50")
    render.add_argument("--workers", type=int, choices=range(1, 65), metavar="1-64", default=1)
    render.set_defaults(command=_render)
    stamp = commands.add_parser("stamp", help="write annotations and a summary onto a PDF")
    described = "what to stamp; `python -m pydoc rasterizer.stamp.stamping` describes it"
    stamp.add_argument("--annotations", type=Path, required=True, metavar="FILE.json", help=described)
    stamp.add_argument("--out", type=Path, required=True)
    stamp.set_defaults(command=_stamp)
    for command in (inspect, render, stamp):
        command.add_argument("file", type=_readable)
    return parser


def _range(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last:
        raise argparse.ArgumentTypeError(f"{text} is no side or range of sides, which count from 1")
    return first, last


def _readable(text: str) -> Path:
    try:
        with open(text, "rb"):
            return Path(text)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error.strerror}") from error


def _inspect(parsed: argparse.Namespace) -> int:
    *sides, last = _run("inspect", {"scan": parsed.file})
    for line in sides:
        _tell(line["side"])
    _tell({"sides": len(sides), **last, **_usage()})
    return DONE


def _render(parsed: argparse.Namespace) -> int:
    parsed.out.mkdir(parents=True, exist_ok=True)
    count = len(_run("inspect", {"scan": parsed.file})) - 1
    first, last = parsed.sides
    if first > count:
        sys.stderr.write(f"the file has no side {first}; its last is {count}\n")
        return FAILED
    sides = range(first, min(count, last) + 1)
    told = failures = 0
    for line in Rendering(parsed.file, parsed.out, parsed.workers).lines(sides):
        told += 1
        failures += "failure" in line
        _tell(_side(line))
    _tell({"sides": told, "failures": failures, **_usage()})
    return FAILED if failures or told != len(sides) else DONE


def _side(line: Line) -> Line:
    if "failure" in line:
        return {"number": line["side"], "failure": line["failure"]}
    [face] = line["faces"]
    shown = ("width", "height", "method", "image", "thumbnail", "preview")
    return {"number": line["side"], **{key: face[key] for key in shown}, "blank": face["is_blank"]}


def _stamp(parsed: argparse.Namespace) -> int:
    _run("inspect", {"scan": parsed.file})  # refuses what would be stamped with sides missing
    args = {"pdf": parsed.file, "stamping": parsed.annotations, "out": parsed.out}
    *pages, written = _run("stamp", args)
    for page in pages:
        _tell(page)
    _tell({"pages": len(pages), **written, **_usage()})
    return DONE


def _run(job: str, args: Line) -> list[Line]:
    return list(follow(Child(JOBS[job], args, Limits())))


def _usage() -> Line:
    """Measure this process and its children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    peak_kib = max(_own_peak_kib(), used[1].ru_maxrss)
    return {"cpu_seconds": round(seconds, 3), "peak_rss_mib": peak_kib >> 10}


def _own_peak_kib() -> int:
    # Not ru_maxrss: Linux counts in it what the process was before it became this program.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def _refuse(refusal: Refused) -> int:
    _tell({"refused": refusal.reason, "message": str(refusal)})
    return REFUSED


def _tell(line: Line) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()
