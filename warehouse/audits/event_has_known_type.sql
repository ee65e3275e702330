-- event_type is one of the eleven events.
SELECT
    event_id,
    event_type
FROM main.evidence_events
WHERE
    event_type NOT IN (
        'appeared',
        'late_arrival',
        'loaded',
        'revised',
        'indexed',
        'corrected',
        'concern',
        'retracted',
        'reinstated',
        'deleted',
        'reappeared'
    );
