"""Methods that finalize copies, release results and read them."""

from kit.identity import Caller
from kit.rpc import allowed, paging
from kit.rpc.paging import Paging
from korrigo.grading.v1 import grading_service_pb2 as pb

from grading import app
from grading.app.results import CopyMoved, Journal
from grading.domain.result import Draft
from grading.rpc.edge import Context, Edge, desk, member
from grading.store import Store
from grading.wire import nouns
from grading.wire.stamping import stamping

#: How often a copy that is written on while it is being finalized is looked at again.
FINALIZE_TRIES = 3


class ResultMethods(Edge):
    """Freeze, reopen, release and read results."""

    @allowed("marker", "office")
    async def FinalizeCopy(
        self, request: pb.FinalizeCopyRequest, context: Context
    ) -> pb.FinalizeCopyResponse:
        """Freeze an open copy and order its PDF; the office only retries a failed one."""
        caller = member(request)
        if caller.role == "office":
            return await self._refinalize(request, caller)
        for _ in range(FINALIZE_TRIES - 1):
            try:
                return await self._finalize(request, caller)
            except CopyMoved:
                continue
        return await self._finalize(request, caller)

    async def _finalize(self, request: pb.FinalizeCopyRequest, caller: Caller) -> pb.FinalizeCopyResponse:
        journal = Journal(request.journal_id, request.last_sequence)
        async with self._transaction(request) as store:
            draft = await app.results.draft_result(store, desk(request), journal)
        if draft:
            await self._keep(draft)

        async def act(store: Store) -> pb.FinalizeCopyResponse:
            copy = await app.results.finalize_copy(store, caller, desk(request), journal, draft)
            return pb.FinalizeCopyResponse(copy=nouns.copy(copy))

        return await self._once(request, request.request_id, pb.FinalizeCopyResponse, act)

    async def _keep(self, draft: Draft) -> None:
        """Write the file before the row that names it, outside of any transaction."""
        await self._blobs.put(draft.frozen_key, stamping(draft.result, draft.exam))

    async def _refinalize(self, request: pb.FinalizeCopyRequest, caller: Caller) -> pb.FinalizeCopyResponse:
        async def act(store: Store) -> pb.FinalizeCopyResponse:
            copy = await app.results.refinalize_copy(store, caller, request.exam_id, request.copy_id)
            return pb.FinalizeCopyResponse(copy=nouns.copy(copy))

        return await self._once(request, request.request_id, pb.FinalizeCopyResponse, act)

    @allowed("office")
    async def ReopenCopy(self, request: pb.ReopenCopyRequest, context: Context) -> pb.ReopenCopyResponse:
        """Open a finalized copy again, with a reason."""
        actor = member(request)

        async def act(store: Store) -> pb.ReopenCopyResponse:
            copy = await app.results.reopen_copy(
                store, actor, request.exam_id, request.copy_id, request.reason
            )
            return pb.ReopenCopyResponse(copy=nouns.copy(copy))

        return await self._once(request, request.request_id, pb.ReopenCopyResponse, act)

    @allowed("office")
    async def CheckRelease(
        self, request: pb.CheckReleaseRequest, context: Context
    ) -> pb.CheckReleaseResponse:
        """Say what keeps the results from being released."""
        member(request)
        async with self._transaction(request) as store:
            blockers = await app.exams.check_release(store, request.exam_id, expected=request.copies)
        return pb.CheckReleaseResponse(blockers=nouns.blockers(blockers))

    @allowed("office")
    async def ReleaseResults(
        self, request: pb.ReleaseResultsRequest, context: Context
    ) -> pb.ReleaseResultsResponse:
        """Let students see the results."""
        actor = member(request)

        async def act(store: Store) -> pb.ReleaseResultsResponse:
            exam = await app.exams.release_results(
                store,
                actor,
                request.exam_id,
                ledger_version=request.ledger_version,
                expected=request.copies,
            )
            return pb.ReleaseResultsResponse(exam=nouns.exam(exam))

        return await self._once(request, request.request_id, pb.ReleaseResultsResponse, act)

    @allowed(services=("ingest",))
    async def ListResults(self, request: pb.ListResultsRequest, context: Context) -> pb.ListResultsResponse:
        """List the outcomes of the copies of an exam, without annotations."""
        asked = Paging.of(request, paging.words)
        code = str(asked.after[0]) if asked.after else ""
        async with self._transaction(request) as store:
            exam = await store.exams.get(request.exam_id)
            found = await store.results.of_exam(request.exam_id, after_code=code, limit=asked.limit)
        shown, token = asked.page(found, key=lambda kept: (kept.code,), show=nouns.result)
        return pb.ListResultsResponse(results=shown, exam=nouns.exam(exam), next_page_token=token)

    @allowed(services=("ingest",))
    async def GetResult(self, request: pb.GetResultRequest, context: Context) -> pb.GetResultResponse:
        """Read one outcome with its annotations."""
        async with self._transaction(request) as store:
            kept, exam = await app.results.get_result(store, request.copy_id)
        return pb.GetResultResponse(result=nouns.result(kept), exam=nouns.exam(exam))

    @allowed("office")
    async def GetResultFile(
        self, request: pb.GetResultFileRequest, context: Context
    ) -> pb.GetResultFileResponse:
        """Say where the stamped PDF of a copy lies; its name says the code alone."""
        member(request)
        async with self._transaction(request) as store:
            kept, exam = await app.results.get_result(store, request.copy_id)
        if exam.id != request.exam_id:
            raise app.results.ResultUnknown(copy=request.copy_id)
        return pb.GetResultFileResponse(pdf_key=nouns.result(kept).pdf_key, file_name=f"{kept.code}.pdf")
