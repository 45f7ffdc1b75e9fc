-- Grading after its first revision, with a large course: 4,000 copies, ten questions, every one marked and remarked.
INSERT INTO exams (id, name, date, time_zone, language, result_scale, rounding, mark_step, state, scheme,
                   scheme_version, scheme_since, questions, version, release)
VALUES ('exam', 'Everything', '2026-11-17', 'Europe/Paris', 'fr', 2000, 1, 25, 'open', '[]', 1, 1, 10, 1, 0);

INSERT INTO copies (id, exam_id, code, pdf_key, pages_version, pages, page_count, state, reason, attempts, version,
                    content_version, questions_marked, points)
SELECT 'copy' || number, 'exam', upper(left(md5('code' || number), 12)), 'copies/' || number || '.pdf', 1,
       (SELECT jsonb_agg(jsonb_build_object('id', md5(number || '.' || page), 'width', 1240, 'height', 1754))
        FROM generate_series(1, 12) page),
       12, 'finalized', '', 0, 40, 1, 10, 1250
FROM generate_series(1, 4000) number;

INSERT INTO assignments (copy_id, part, round, marker_id)
SELECT 'copy' || number, 0, 1, 'marker' || number % 60 FROM generate_series(1, 4000) number;

INSERT INTO marks (copy_id, question_id, round, points, marker_id, version, journal_id, sequence)
SELECT 'copy' || number, 'question' || question, 1, 125, 'marker' || number % 60, 1, 'journal', question
FROM generate_series(1, 4000) number, generate_series(1, 10) question;

INSERT INTO remarks (copy_id, question_id, round, text, marker_id, version, journal_id, sequence)
SELECT copy_id, question_id, round, 'Well argued, but the last step is not shown.', marker_id, 1, 'journal', 10 + sequence
FROM marks;

INSERT INTO annotations (copy_id, round, id, page_id, kind, points, color, width, size, text, box_width, question_id,
                         marker_id, version, journal_id, sequence)
SELECT copy_id, round, md5(copy_id || question_id), 'page', 'pen',
       (SELECT array_agg(random()) FROM generate_series(1, 80)), '#c1121f', 1.5, 12, '', 0, '', marker_id, 1, 'journal',
       20 + sequence
FROM marks;

INSERT INTO acts (copy_id, act_id, marker_id, journal_id, sequence, body, outcome, reason, version)
SELECT copy_id, md5(copy_id || sequence || part), marker_id, 'journal', sequence + 10 * part,
       decode(repeat(md5(copy_id), 8), 'hex'), 'accepted', '', sequence + 10 * part
FROM marks, generate_series(0, 2) part;

INSERT INTO results (copy_id, content_version, body, annotations, frozen_key, pdf_key, sha256, stamped_at)
SELECT id, 1, decode(repeat(md5(id), 60), 'hex'), decode(repeat(md5(id), 200), 'hex'), 'frozen/' || id,
       'results/' || id || '.pdf', md5(id), now()
FROM copies;
