-- Text as its bare words with one blank between and around them, so that a phrase is found by comparing text.
CREATE OR REPLACE MACRO core.find_plain(text) AS
' ' || trim(regexp_replace(core.find_spelled(text), '[^a-z0-9\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1fff}\x{2c00}-\x{d7ff}]+', ' ', 'g')) || ' ';

COMMENT ON MACRO core.find_plain IS 'Text as its bare words in lower case with one blank between and around them';
