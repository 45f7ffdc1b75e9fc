"""Catch every mail in a directory instead of sending it: `python -m local.mail PORT DIRECTORY [HOST]`."""

import asyncio
import signal
import sys
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from local.files import read_json, write_json
from local.ports import LOOPBACK


class Catcher:
    """Writes each mail as `<number>.eml` and lists it in `index.json`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._index = read_json(directory / "index.json", list[dict[str, object]]())

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Keep one mail; the answer goes out after it is on disk."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        name = f"{len(self._index) + 1:05}.eml"
        (self._directory / name).write_bytes(content)
        self._index.append({"file": name, "to": envelope.rcpt_tos, **_headline(content)})
        write_json(self._directory / "index.json", self._index)
        return "250 kept"


def _headline(content: bytes) -> dict[str, object]:
    message = message_from_bytes(content, policy=policy.default)
    received = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {"from": str(message["From"]), "subject": str(message["Subject"]), "received_at": received}


def read(directory: Path) -> list[EmailMessage]:
    """Read every caught mail, oldest first."""
    index = read_json(directory / "index.json", list[dict[str, str]]())
    files = (directory / entry["file"] for entry in index)
    return [BytesParser(EmailMessage, policy=policy.default).parsebytes(file.read_bytes()) for file in files]


async def serve(port: int, directory: Path, host: str = LOOPBACK) -> None:
    """Catch mails until SIGTERM."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    catcher = Catcher(directory)
    server = await loop.create_server(lambda: SMTP(catcher, enable_SMTPUTF8=True), host, port)
    async with server:
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
