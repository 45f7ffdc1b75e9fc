-- Ingest after its first revision, with a large course: 4,000 copies of 12 pages, scanned 480 sides at a time.
INSERT INTO batches (id, exam_id, name, mode, sides_per_copy)
VALUES (md5('batch')::uuid, md5('exam')::uuid, 'Everything', 'every_n_sides', 12);

INSERT INTO scans (id, exam_id, batch_id, file_name, upload_prefix, chunks, bytes, state, sha256,
                   sides, released, rendered, copies, version)
SELECT md5('scan' || scan)::uuid, md5('exam')::uuid, md5('batch')::uuid, 'SKM_' || scan || '.pdf',
       'uploads/' || scan, 9, 72000000, 'settled', md5('a' || scan) || md5('b' || scan), 480, 480, 480, 40, 500
FROM generate_series(1, 100) scan;

INSERT INTO sides (scan_id, number, exam_id, state)
SELECT md5('scan' || scan)::uuid, number, md5('exam')::uuid, 'rendered'
FROM generate_series(1, 100) scan, generate_series(1, 480) number;

INSERT INTO students (id, exam_id, last_name, first_name, name_key, birth_date, email, class_name)
SELECT md5('student' || number)::uuid, md5('exam')::uuid, 'Family ' || number, 'Given ' || number,
       'family ' || number || ' given ' || number, date '2004-01-01' + number, 's' || number || '@school.example',
       'L1'
FROM generate_series(1, 4000) number;

INSERT INTO copies (id, exam_id, scan_id, group_number, first_side, number, state, pages_version, version,
                    student_id)
SELECT md5('copy' || number)::uuid, md5('exam')::uuid, md5('scan' || (number - 1) / 40 + 1)::uuid,
       (number - 1) % 40 + 1, (number - 1) % 40 * 12 + 1, number, 'ready', 1, 5, md5('student' || number)::uuid
FROM generate_series(1, 4000) number;

INSERT INTO pages (id, exam_id, scan_id, side, crop, rank, is_blank, width, height, copy_id, position)
SELECT md5('page' || number || '.' || position)::uuid, md5('exam')::uuid,
       md5('scan' || (number - 1) / 40 + 1)::uuid, (number - 1) % 40 * 12 + position, 'full', 1, false, 1240, 1754,
       md5('copy' || number)::uuid, position
FROM generate_series(1, 4000) number, generate_series(1, 12) position;

INSERT INTO renditions (key, page_id, kind, blob_key, is_redacted)
SELECT md5(id || kind || is_redacted), id, kind, 'renditions/' || id || '/' || kind || is_redacted, is_redacted
FROM pages, unnest(ARRAY['image', 'thumbnail', 'preview']) kind, unnest(ARRAY[false, true]) is_redacted;
