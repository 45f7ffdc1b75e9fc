"""Start one part of the rasterizer: `python -m rasterizer COMMAND …`."""

import gc
import importlib
import os
import sys

#: Each command loads only what it needs: the shell's start-up counts.
COMMANDS = {
    "inspect": "rasterizer.shell",
    "render": "rasterizer.shell",
    "stamp": "rasterizer.shell",
    "consume": "rasterizer.consumers",
    "migrate": "rasterizer.queues",
}


def main() -> int:
    """Hand over to the module of the command."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in COMMANDS:
        sys.stderr.write(f"usage: python -m rasterizer {'|'.join(COMMANDS)} …\n")
        return 2
    gc.disable()  # nothing that is loaded now is garbage
    module = importlib.import_module(COMMANDS[command])
    gc.freeze()  # nor will it be, in this process or in a child that shares its memory
    gc.enable()
    return int(module.main(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
