"""Effect estimates in the formats abstracts print; the sentences are our own, the figures those of landmark trials."""

import pytest

from her2lit.annotate.document import Document
from her2lit.annotate.outcomes import read_outcomes
from her2lit.records import AbstractSection, Article
from her2lit.topic.topic import load_topic


def outcomes_of(text: str, design: str = "phase3_rct", label: str | None = None):
    section = AbstractSection(label=label, nlm_category=label, text=text)
    article = Article(kind="article", pmid=1, pmid_version=1, title="A trial", abstract=(section,))
    return read_outcomes(Document(article), load_topic(), design)


def short(text: str) -> list[tuple[object, ...]]:
    return [(o.endpoint, o.measure, o.value, o.ci_low, o.ci_high, o.p) for o in outcomes_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "Median progression-free survival was 28.8 months with T-DXd versus 6.8 months with T-DM1 (hazard ratio "
                "0\u00b733 [95% CI 0\u00b726\u20130\u00b743]; nominal p<0\u00b70001)."
            ),
            [
                ("PFS", "HR", 0.33, 0.26, 0.43, "<0.0001"),
                ("PFS", "median_months", 28.8, None, None, None),
                ("PFS", "median_months", 6.8, None, None, None),
            ],
        ),
        (
            "Overall survival favoured T-DXd (hazard ratio for death, 0.55; 95% CI, 0.36 to 0.86; boundary not reached).",
            [("OS", "HR", 0.55, 0.36, 0.86, None)],
        ),
        (
            (
                "Tucatinib lengthened PFS (HR, 0.54; 95% confidence interval [CI], 0.42 to 0.71; P<0.001) and OS "
                "(HR, 0.66; 95% CI, 0.50 to 0.88; P = 0.005)."
            ),
            [("PFS", "HR", 0.54, 0.42, 0.71, "<0.001"), ("OS", "HR", 0.66, 0.5, 0.88, "0.005")],
        ),
        (
            "mPFS: 40.7 mos vs 26.9 mos (HR 0.56 [0.44-0.71])",
            [
                ("PFS", "HR", 0.56, 0.44, 0.71, None),
                ("PFS", "median_months", 40.7, None, None, None),
                ("PFS", "median_months", 26.9, None, None, None),
            ],
        ),
        (
            "The hazard ratio for disease progression or death was 0.62 (95% CI, 0.51-0.75; P < .001).",
            [("PFS", "HR", 0.62, 0.51, 0.75, "<.001")],
        ),
        (
            "The confirmed objective response rate was 60.9% (95% CI, 53.4 to 68.0).",
            [("ORR", "rate_percent", 60.9, 53.4, 68.0, None)],
        ),
        (
            "Objective response rates were 42% versus 36% in the two arms.",
            [("ORR", "rate_percent", 42.0, None, None, None), ("ORR", "rate_percent", 36.0, None, None, None)],
        ),
        (
            "median OS not reached v 38.0 months (HR = 1.23; 95% CI, 0.87-1.74)",
            [("OS", "HR", 1.23, 0.87, 1.74, None), ("OS", "median_months", 38.0, None, None, None)],
        ),
        (
            "Median OS was 43, 41 and 17 months for first, second and third line, respectively.",
            [("OS", "median_months", value, None, None, None) for value in (43.0, 41.0, 17.0)],
        ),
        (
            "Median PFS and OS were 6.1 and 19.5 months, respectively.",
            [("PFS", "median_months", 6.1, None, None, None), ("OS", "median_months", 19.5, None, None, None)],
        ),
        ("In 918 patients with HR-positive disease and HR-negative disease, HR status did not matter.", []),
        ("The heart rate (HR) was 72 beats/min and LVEF 55%.", []),
        ("The study had 80% power to detect a hazard ratio of 0.75.", []),
        ("Median follow-up was 50 months for progression-free survival and 51 months for overall survival.", []),
        ("Grade 3 neutropenia occurred in 42% of patients.", []),
        (
            "hazard ratio of 5.32 for death",
            [("OS", "HR", 5.32, None, None, None)],
        ),
        (
            "For relapsed disease the hazard ratio in patients with residual disease was 0.61 (95% CI 0.40-0.90).",
            [("other", "HR", 0.61, 0.4, 0.9, None)],
        ),
        (
            "The hazard ratios for DFS and OS were 0.70 (95% CI, 0.55-0.89) and 0.82 (95% CI, 0.61-1.10).",
            [("DFS", "HR", 0.7, 0.55, 0.89, None), ("OS", "HR", 0.82, 0.61, 1.1, None)],
        ),
        (
            "Hazard ratios for death were 0.70 (0.55-0.89), 0.82 (0.61-1.10) and 0.9.",
            [
                ("OS", "HR", 0.7, 0.55, 0.89, None),
                ("OS", "HR", 0.82, 0.61, 1.1, None),
                ("OS", "HR", 0.9, None, None, None),
            ],
        ),
        ("The relative risk reduction was 0.4 and 0.5.", []),
        (
            "The pCR rate was 45% (95% confidence interval (95% CI): 31.2-59.4).",
            [("pCR", "rate_percent", 45.0, 31.2, 59.4, None)],
        ),
        (
            "Overall survival was shorter (hazard ratio 2.1, 95% confidence interval (95%CI) 1.2 to 3.4).",
            [("OS", "HR", 2.1, 1.2, 3.4, None)],
        ),
        (
            "The hazard ratio (HR) for PFS was, by genotype, similar (HR 0.43 and 0.37, respectively).",
            [("PFS", "HR", 0.43, None, None, None), ("PFS", "HR", 0.37, None, None, None)],
        ),
        (
            "Nausea was more frequent (OR = 32.48, 95% CI = 1.65~2340.57).",
            [("other", "OR", 32.48, 1.65, 2340.57, None)],
        ),
        (
            "OS was worse with stage IV (HR 1.8, 95% CI 1.3-2.5) and poor status (HR 1.9, 95% CI 1.3-2.7; both P < 0.001).",
            [("OS", "HR", 1.8, 1.3, 2.5, "<0.001"), ("OS", "HR", 1.9, 1.3, 2.7, "<0.001")],
        ),
        (
            "T stage (HR=2.5, 95% CI (1.1; 6.4), P=0.05) and pCR (HR=0.2) were independent predictors of DFS.",
            [("DFS", "HR", 2.5, 1.1, 6.4, "0.05"), ("DFS", "HR", 0.2, None, None, None)],
        ),
        (
            "Biopsy was associated with improved survival (HR = 0.6, p = 1.5e-04).",
            [("OS", "HR", 0.6, None, None, "1.5e-04")],
        ),
        (
            "Thirteen trials gave a HR for OS, and 2.5 in ten gave one for DFS.",
            [],
        ),
        (
            "The OS of the crossover group (39.6 months) was longer than that of the other group (35.7 months).",
            [("OS", "median_months", 39.6, None, None, None), ("OS", "median_months", 35.7, None, None, None)],
        ),
        (
            "The 1-year OS rate was 67.4% (95% CI: 50-91) with an unreached median, ORR of 14.3%.",
            [("OS", "rate_percent", 67.4, 50.0, 91.0, None), ("ORR", "rate_percent", 14.3, None, None, None)],
        ),
        (
            "10-year MFS was 99%, and 18% were histological grade 1.",
            [("MFS", "rate_percent", 99.0, None, None, None)],
        ),
        (
            "Median survival was 3.5 months with 63 patients (20%) surviving the first year.",
            [("OS", "median_months", 3.5, None, None, None)],
        ),
        (
            "The response rate was 50% (95% exact CI 33.8-66.2); metastases developed at a median time of 12 months.",
            [("ORR", "rate_percent", 50.0, 33.8, 66.2, None)],
        ),
        (
            "The ORR was 41%, including 9% with a complete response.",
            [("ORR", "rate_percent", 41.0, None, None, None)],
        ),
        (
            "The median PFS (95% CI) was 5.5 (3.8-14.0) months vs 5.1 (3.5-10.7) months (HR, 0.68).",
            [
                ("PFS", "HR", 0.68, None, None, None),
                ("PFS", "median_months", 5.5, 3.8, 14.0, None),
                ("PFS", "median_months", 5.1, 3.5, 10.7, None),
            ],
        ),
        (
            "Median TTP was 12 months with letrozole as compared to 7.9 months with tamoxifen.",
            [("TTP", "median_months", 12.0, None, None, None), ("TTP", "median_months", 7.9, None, None, None)],
        ),
        (
            "Median OS and PFS were 58.3 months (95% CI, 36.6 to 80.0) and 19.1 months (95% CI, 16.2 to 21.9), respectively.",
            [("OS", "median_months", 58.3, 36.6, 80.0, None), ("PFS", "median_months", 19.1, 16.2, 21.9, None)],
        ),
        (
            "ORR (29% versus 41%; P=0.07) and CBR (44% versus 64%) were lower.",
            [
                ("ORR", "rate_percent", 29.0, None, None, "0.07"),
                ("ORR", "rate_percent", 41.0, None, None, "0.07"),
                ("CBR", "rate_percent", 44.0, None, None, None),
                ("CBR", "rate_percent", 64.0, None, None, None),
            ],
        ),
        (
            "HRs for local failure were 0.94 (95% CI: 0.61-1.46) in one trial and 1.51 (95% CI: 0.77-2.97) in the other.",
            [("other", "HR", 0.94, 0.61, 1.46, None), ("other", "HR", 1.51, 0.77, 2.97, None)],
        ),
        (
            "Bone events were fewer (HR = 0.75, 95% CI = 0.58-0.98, P interaction = 0.08).",
            [("other", "HR", 0.75, 0.58, 0.98, "0.08")],
        ),
        (
            "The RR was 53.6%; 36 (68%) had a clinical response.",
            [
                ("ORR", "rate_percent", 53.6, None, None, None),
                ("ORR", "rate_percent", 68.0, None, None, None),
            ],
        ),
        (
            "15-year DFS was 48.2% in the group allocated 3 months of chemotherapy.",
            [("DFS", "rate_percent", 48.2, None, None, None)],
        ),
        (
            (
                "Copy number (hazard ratio, 0.76; 95% CI, 0.62 to 0.93; P < .01) and age (hazard ratio, 2.5; 95% CI, 1.2 to "
                "5.3) were significant predictive factors for progression-free survival."
            ),
            [("PFS", "HR", 0.76, 0.62, 0.93, "<.01"), ("PFS", "HR", 2.5, 1.2, 5.3, None)],
        ),
        (
            "Tucatinib (HR = 0.38; 95%CrI: 0.16-0.88) and lapatinib (HR = 0.45; 95%CrI: 0.23-0.89), significantly improved PFS.",
            [("PFS", "HR", 0.38, 0.16, 0.88, None), ("PFS", "HR", 0.45, 0.23, 0.89, None)],
        ),
        (
            "Median overall survival was 34.7 months (95% CI 25.7 to [not reached]); heterogeneity was high (I2 = 65.4%).",
            [("OS", "median_months", 34.7, 25.7, None, None)],
        ),
        (
            "Median PFS was 6.2 months with neratinib and 6.2 months with lapatinib.",
            [("PFS", "median_months", 6.2, None, None, None), ("PFS", "median_months", 6.2, None, None, None)],
        ),
        (
            "Median PFS was 5.1 (95% CI 1.7-6.2) vs 6.2 (95% CI 4.0-11.3) months, P = .03.",
            [("PFS", "median_months", 5.1, 1.7, 6.2, ".03"), ("PFS", "median_months", 6.2, 4.0, 11.3, ".03")],
        ),
        (
            "Median OS was 3.5 years (95% CI 3.0-4.4).",
            [("OS", "median_months", 42.0, 36.0, 52.8, None)],
        ),
        (
            "Overall, PFS for the 356 patients was 21 weeks (95% CI: 17.6-24.7).",
            [("PFS", "median_months", 4.83, 4.05, 5.68, None)],
        ),
        (
            "Median rwPFS was 14.9 months (95% CI, 11.0-not reached) and rwOS was 20.1 months.",
            [("PFS", "median_months", 14.9, 11.0, None, None), ("OS", "median_months", 20.1, None, None, None)],
        ),
        (
            "The HR was 1.42 (95% CI = 1.21-1.67) for arrhythmia and 1.28 (95% CI = 1.03-1.59) for stroke.",
            [("other", "HR", 1.42, 1.21, 1.67, None), ("other", "HR", 1.28, 1.03, 1.59, None)],
        ),
        (
            "The ORR24 was 71.3 and 71.4% in the two groups.",
            [("ORR", "rate_percent", 71.3, None, None, None), ("ORR", "rate_percent", 71.4, None, None, None)],
        ),
        (
            "The percentage alive without disease progression at 12 months was 75.8% (95% CI, 69.8 to 80.7).",
            [("PFS", "rate_percent", 75.8, 69.8, 80.7, None)],
        ),
        (
            "OS was longer (HR = 0.65 (0.50-0.84)) in patients with high p95 HER2 (p1).",
            [("OS", "HR", 0.65, 0.5, 0.84, None)],
        ),
        (
            "OS was longer (HR 0.65, p = 3.2 x 10-5) and PFS too (HR 0.60, p-value 0.01).",
            [("OS", "HR", 0.65, None, None, "3.2x10-5"), ("PFS", "HR", 0.6, None, None, "0.01")],
        ),
        (
            # A bare bracket may as well be a range.
            "Median OS was 30 months (12-48).",
            [("OS", "median_months", 30.0, None, None, None)],
        ),
        (
            # The p value is the ratio's where there is one.
            "Median OS was 30 vs 20 months (HR 0.70; P = 0.01).",
            [
                ("OS", "HR", 0.7, None, None, "0.01"),
                ("OS", "median_months", 30.0, None, None, None),
                ("OS", "median_months", 20.0, None, None, None),
            ],
        ),
        (
            "It lowered relapses (RR 0.70, 95% CI 0.60 to 0.80) and mortality (0.75, 0.61 to 0.93; p<0.01); stage 2.5 (1.0 to 2.0).",
            [("other", "RR", 0.7, 0.6, 0.8, None), ("OS", "RR", 0.75, 0.61, 0.93, "<0.01")],
        ),
        (
            "One-year survival rates of HER2-negative and HER2-positive disease were 75% (95% CI, 73% to 77%) and 87%.",
            [("OS", "rate_percent", 75.0, 73.0, 77.0, None), ("OS", "rate_percent", 87.0, None, None, None)],
        ),
    ],
)
def test_formats_are_read(text, expected):
    assert short(text) == expected


def test_a_landmark_rate_carries_its_time_point_and_an_exact_quote():
    text = "3-year invasive disease\u2010free survival was 92\u00b74% and 83\u00b77%, respectively."

    found = outcomes_of(text)

    assert [(o.endpoint, o.measure, o.value, o.timepoint_months) for o in found] == [
        ("IDFS", "rate_percent", 92.4, 36.0),
        ("IDFS", "rate_percent", 83.7, 36.0),
    ]
    assert all(outcome.quote in text for outcome in found)


def test_a_ratio_keeps_the_words_between_its_label_and_its_number():
    [outcome] = outcomes_of("The hazard ratio for recurrence within the first year of follow-up was 0.61.")

    assert (outcome.value, outcome.arm) == (0.61, "for recurrence within the first year of follow-up")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("86% were disease free at 5 years.", [("DFS", 86.0, 60.0)]),
        (
            "At 5 years, 86% of patients were disease-free and 91% were alive.",
            [("DFS", 86.0, 60.0), ("OS", 91.0, 60.0)],
        ),
        ("At last contact 24 women (61%) were still alive.", [("OS", 61.0, None)]),
        ("61% of patients were alive and free of relapse.", []),
        ("The 5-year DFS was 80% v/s 70%.", [("DFS", 80.0, 60.0), ("DFS", 70.0, 60.0)]),
        ("Median PFS was 12.1 v/s 8.2 months.", [("PFS", 12.1, None), ("PFS", 8.2, None)]),
        ("42% were elderly; disease-free survival was similar.", []),
    ],
)
def test_survival_is_read_when_a_verb_tells_it(text, expected):
    assert [(o.endpoint, o.value, o.timepoint_months) for o in outcomes_of(text)] == expected


@pytest.mark.parametrize(
    "text",
    ["The absence of pCR, 63%, was frequent.", "Women without pCR (63%) relapsed.", "63% did not achieve a pCR."],
)
def test_a_measure_that_is_denied_is_no_outcome(text):
    assert outcomes_of(text) == ()


def test_a_number_that_two_groups_share_counts_twice_and_one_that_the_conclusion_repeats_once():
    text = (
        "We treated 90. PFS was longer in mutant (HR 0.37) disease. It was as long in other (HR 0.37) disease. "
        "Adverse events were few. PFS was longer (HR 0.37). More trials are needed."
    )

    assert [(o.endpoint, o.value) for o in outcomes_of(text)] == [("PFS", 0.37), ("PFS", 0.37)]


def test_weeks_become_months():
    assert [o.value for o in outcomes_of("The median overall survival was 75.0 weeks.")] == [17.26]


def test_a_ratio_outside_its_interval_is_flagged_not_dropped():
    [outcome] = outcomes_of("PFS was longer (HR 0.95; 95% CI 0.30-0.80).")

    assert (outcome.value, outcome.flags) == (0.95, ("outside_ci",))


@pytest.mark.parametrize("label", ["BACKGROUND", "METHODS"])
def test_background_and_methods_are_never_read(label):
    assert outcomes_of("Median overall survival was 20 months (HR 0.7).", label=label) == ()


@pytest.mark.parametrize("design", ["protocol", "guideline", "letter_comment_editorial", "economic", "erratum"])
def test_plans_opinions_and_costs_report_nothing(design):
    assert outcomes_of("Median overall survival was 20 months (HR 0.7).", design=design) == ()


def test_what_a_review_reports_is_flagged_as_quoted():
    found = outcomes_of("Median overall survival was 20 months (HR 0.7).", design="review")

    assert [(o.value, o.flags) for o in found] == [(0.7, ("quoted",)), (20.0, ("quoted",))]


def test_a_very_long_number_costs_no_time():
    """Nested repeats once made this exponential."""
    assert outcomes_of(f"The median overall survival identifier was {'1234567890' * 20} in all.") == ()
