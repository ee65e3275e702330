from datetime import date

from her2lit.report.reference import AnsweredQuestion, DescribedColumn, dictionary_page, samples_page


def column(position, name, description, **changes):
    plain = {
        "schema_name": "out",
        "object_name": "news",
        "object_type": "view",
        "data_type": "VARCHAR[]" if name else None,
    }
    return DescribedColumn(**{**plain, **changes}, position=position, column_name=name, description=description)


def test_a_page_of_the_dictionary_describes_objects_and_columns_in_order():
    entries = [
        column(2, "b", "Second"), column(1, "a", "First | of *two*"), column(0, None, "What is new"),
        column(0, None, "As it was", object_name="news_as_of", object_type="macro"),
    ]  # fmt: skip

    page = dictionary_page(entries)

    assert page.endswith(
        "\n## Views and macros to read\n"
        "\n### news\n\nWhat is new.\n\n| column | type | meaning |\n|---|---|---|\n"
        "| `a` | VARCHAR\\[\\] | First \\| of \\*two\\* |\n| `b` | VARCHAR\\[\\] | Second |\n"
        "\n### news_as_of(…)\n\nAs it was.\n"
        "\n## Views and macros behind them\n\n## Tables\n"
    )


def answered(columns, rows):
    return AnsweredQuestion(name="q", question="What?", sql="-- What?\nSELECT 1;\n", columns=columns, rows=rows)


def test_an_answer_is_a_table_in_which_outside_text_is_no_markup():
    """
    A title with brackets must not become a link, nor break the table.
    """
    rows = ((1, None, ["a", "b"], date(2021, 6, 5), "[x](y) | <b>\nz"), (2, 1.5, {"design": 40}, None, "t" * 200))

    page = samples_page([answered(("n", "v", "l", "d", "title"), rows)])

    assert page.endswith(
        "\n## q\n\nWhat?\n\n```sql\nSELECT 1;\n```\n\n| n | v | l | d | title |\n|---|---|---|---|---|\n"
        "| 1 |  | a, b | 2021-06-05 | \\[x\\](y) \\| \\<b\\> z |\n"
        f"| 2 | 1.5 | design 40 |  | {'t' * 89}… |\n"
    )


def test_a_long_answer_says_how_much_is_left_out_and_an_empty_one_that_it_is_empty():
    assert samples_page([answered(("n",), tuple((n,) for n in range(14)))]).endswith("| 11 |\n\n… and 2 more rows.\n")
    assert samples_page([answered(("n",), ())]).endswith("```\n\nNo rows in the demo.\n")
