-- A text cut into sentences: after a full stop, question or exclamation mark that a capital, digit or bracket follows.
CREATE OR REPLACE MACRO core.find_sentences(text) AS
string_split(
    regexp_replace(text, '([a-z0-9)%\]][.!?]["'')]?)\s+([A-Z0-9(])', '\1' || chr(31) || '\2', 'g'),
    chr(31)
);

COMMENT ON MACRO core.find_sentences IS 'A text cut into sentences, good enough to show one';
