-- Records NCBI added long before her2lit first saw them, one row per event and drug; not history.
CREATE OR REPLACE VIEW out.late_arrivals AS
SELECT
    n.*, -- noqa: AM04
    date_diff('day', n.created_date, n.run_label) AS days_late
FROM out.new_evidence AS n
WHERE n.event_type = 'late_arrival';

-- Columns as in: out.new_evidence
COMMENT ON VIEW out.late_arrivals IS 'Records that NCBI added long before her2lit first saw them; the columns of new_evidence, and how late';
COMMENT ON COLUMN out.late_arrivals.days_late IS 'Days from created_date to the night that first saw the record; NULL without a created_date';
