-- Text with what is written in several ways written in one: lower case, one hyphen, "HER2+" as "her2 positive".
-- A word's characters are given as a few ranges, since the full Unicode classes take 10 ms to compile per question.
CREATE OR REPLACE MACRO core.find_spelled(text) AS
regexp_replace(
    regexp_replace(lower(text), '[\x{2010}-\x{2013}\x{2212}]', '-', 'g'),
    '([a-z0-9\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1fff}\x{2c00}-\x{d7ff}])\+($|[^a-z0-9\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1fff}\x{2c00}-\x{d7ff}])',
    '\1 positive\2',
    'g'
);

COMMENT ON MACRO core.find_spelled IS 'Text in lower case, with one kind of hyphen, and a plus sign after a word said as positive';
