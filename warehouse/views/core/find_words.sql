-- The words of a text, in order. A word may have hyphens inside (t-dm1, her2-positive) and numbers keep their
-- decimals (0.50, 0·50) and thousands (1,234); everything else parts words. A word never reaches over a blank.
CREATE OR REPLACE MACRO core.find_words(text) AS
regexp_extract_all(
    core.find_spelled(text),
    '(?:[0-9]{1,3}(?:,[0-9]{3})+(?:[.·][0-9]+)?|[0-9]+(?:[.·][0-9]+)+|[a-z0-9\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1fff}\x{2c00}-\x{d7ff}]+)'
    || '(?:-(?:[0-9]+(?:[.·][0-9]+)+|[a-z0-9\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1fff}\x{2c00}-\x{d7ff}]+))*'
);

COMMENT ON MACRO core.find_words IS 'The words of a text in order, lower case; hyphens inside a word and decimals are kept';
