"""The loop that tells operators: gather news, write a message to each target, hand over what is due."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kit import telemetry
from kit.db import Conflict, Database
from kit.errors import Unavailable

from notification import metrics
from notification.domain import State
from notification.operators.alerts import GATHER, GATHER_IN_A_STORM, STORM, Alert, Dispatch
from notification.operators.channels import Channels, NotDelivered
from notification.operators.store import Operators
from notification.operators.targets import Target

EVERY = 1.0
AT_ONCE = 10

log = telemetry.get_logger()


class Herald:
    """Tells operators; several may run side by side."""

    def __init__(
        self, database: Database, channels: Channels, targets: Sequence[Target], *, runbooks: str
    ) -> None:
        self._database = database
        self._runbooks = runbooks
        self._channels = channels
        self._targets = {target.name: target for target in targets}

    async def loop(self, stopping: asyncio.Event) -> None:
        """Tell until told to stop; a lost database is waited for."""
        while not stopping.is_set():
            try:
                await self.announce()
                await self.deliver()
            except (Unavailable, Conflict) as error:
                log.warning("herald_waits", reason=error.reason)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), EVERY)

    async def announce(self) -> list[Alert]:
        """Write what is new to every target; in a storm less often, and so more at a time."""
        async with self._database.transaction() as session:
            store = Operators(session)
            is_storm = await store.messages_within(timedelta(hours=1)) >= STORM
            news = await store.take_news(gathered_for=GATHER_IN_A_STORM if is_storm else GATHER)
            if news:
                linked = [alert.linked(self._runbooks) for alert in news]
                await store.dispatch(linked, self._targets)
        if news and not self._targets:
            log.error("operators_unknown", alerts=[alert.name for alert in news])
        for alert in news if self._targets else ():
            log.warning("operators_told", alert=alert.name, about=alert.service, firing=alert.is_firing)
        return news

    async def deliver(self) -> None:
        """Try every message that is due once."""
        async with self._database.transaction() as session:
            due = await Operators(session).claim(AT_ONCE)
        await asyncio.gather(*map(self._deliver, due))

    async def _deliver(self, dispatch: Dispatch) -> None:
        target = self._targets.get(dispatch.target)
        if target is None:
            dispatch.state, dispatch.reason = State.FAILED, "the settings name this target no more"
        else:
            await self._try(dispatch, target)
            metrics.TOLD.labels(target.channel, "sent" if dispatch.state is State.SENT else "failed").inc()
        async with self._database.transaction() as session:
            await Operators(session).save(dispatch)

    async def _try(self, dispatch: Dispatch, target: Target) -> None:
        try:
            await self._channels.deliver(dispatch, target)
        except NotDelivered as failure:
            dispatch.failed(str(failure), datetime.now(UTC))
            log.warning("operators_not_told", target=target.name, reason=str(failure), state=dispatch.state)
        else:
            dispatch.arrived()
