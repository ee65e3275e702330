-- Records whose MeSH came after they were first seen, one row per event and drug.
CREATE OR REPLACE VIEW out.late_indexed AS
SELECT
    n.*, -- noqa: AM04
    date_diff('day', n.created_date, n.run_label) AS days_late
FROM out.new_evidence AS n
WHERE n.event_type = 'indexed';

-- Columns as in: out.new_evidence
COMMENT ON VIEW out.late_indexed IS 'Records that were indexed with MeSH after they were first seen; the columns of new_evidence, and how late';
COMMENT ON COLUMN out.late_indexed.days_late IS 'Days from created_date to the night that saw the MeSH headings; NULL without a created_date';
