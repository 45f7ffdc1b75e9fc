"""Methods about exams."""

from kit import rpc
from kit.rpc import allowed, paging
from kit.rpc.paging import Paging
from korrigo.grading.v1 import grading_service_pb2 as pb

from grading import app
from grading.domain.exam import Details
from grading.rpc.edge import Context, Edge, member, new_id
from grading.store import Store
from grading.wire import nouns


class ExamMethods(Edge):
    """Create, read and set up exams."""

    @allowed("admin", "office")
    async def CreateExam(self, request: pb.CreateExamRequest, context: Context) -> pb.CreateExamResponse:
        """Create an exam without a scheme."""
        details = Details(request.name, request.date, request.time_zone, request.language)

        async def act(store: Store) -> pb.CreateExamResponse:
            exam = await app.exams.create_exam(store, rpc.caller(), details, exam_id=new_id())
            return pb.CreateExamResponse(exam=nouns.exam(exam))

        return await self._once(request, request.request_id, pb.CreateExamResponse, act)

    @allowed("office", "marker", services=("gateway", "ingest"))
    async def ListExams(self, request: pb.ListExamsRequest, context: Context) -> pb.ListExamsResponse:
        """List exams by id; a person sees only the one they act in."""
        caller = rpc.caller()
        asked = Paging.of(request, paging.words, paging.words, paging.words)
        ids = [exam for exam in request.exam_ids if caller.is_service or exam == caller.exam_id]
        async with self._transaction(request) as store:
            found = await store.exams.known(ids, asked.after, asked.limit)
        shown, token = asked.page(found, key=lambda exam: exam.list_place, show=nouns.exam)
        return pb.ListExamsResponse(exams=shown, next_page_token=token)

    @allowed("office", "marker", services=("gateway", "ingest"))
    async def GetExam(self, request: pb.GetExamRequest, context: Context) -> pb.GetExamResponse:
        """Read one exam."""
        member(request)
        async with self._transaction(request) as store:
            exam = await store.exams.get(request.exam_id)
        return pb.GetExamResponse(exam=nouns.exam(exam))

    @allowed("office")
    async def UpdateExam(self, request: pb.UpdateExamRequest, context: Context) -> pb.UpdateExamResponse:
        """Change the settings of an exam."""
        actor = member(request)
        details = Details(
            name=request.name,
            date=request.date,
            time_zone=request.time_zone,
            language=request.language,
            result_scale=request.result_scale,
            rounding=request.rounding,
            mark_step=request.mark_step,
        )

        async def act(store: Store) -> pb.UpdateExamResponse:
            exam = await app.exams.update_exam(
                store, actor, request.exam_id, details, version=request.version
            )
            return pb.UpdateExamResponse(exam=nouns.exam(exam))

        return await self._once(request, request.request_id, pb.UpdateExamResponse, act)

    @allowed("office")
    async def PutScheme(self, request: pb.PutSchemeRequest, context: Context) -> pb.PutSchemeResponse:
        """Replace the scheme of an exam."""
        actor = member(request)

        async def act(store: Store) -> pb.PutSchemeResponse:
            exam = await app.exams.put_scheme(
                store,
                actor,
                request.exam_id,
                nouns.questions_of(request.scheme),
                scheme_version=request.scheme_version,
                new_id=new_id,
            )
            return pb.PutSchemeResponse(exam=nouns.exam(exam))

        return await self._once(request, request.request_id, pb.PutSchemeResponse, act)
