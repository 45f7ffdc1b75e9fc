"""Wait a while, but never past the order to stop."""

import asyncio


async def pause(stopping: asyncio.Event, seconds: float) -> bool:
    """Wait *seconds*, less when told to stop; tell whether to stop."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return False
    return True
