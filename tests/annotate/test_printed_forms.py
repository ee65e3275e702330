"""
Effect estimates in the many ways abstracts print them; the sentences are our own.

Each was written down with what a reader takes from it before the rule that reads it was made or mended.
"""

import pytest

from her2lit.annotate.document import Document
from her2lit.annotate.outcomes import read_outcomes
from her2lit.records import AbstractSection, Article
from her2lit.topic.topic import load_topic

TOPIC = load_topic()
#: Only their intervals and p values are compared, too
RATIOS = ("HR", "OR", "RR")


def medians(endpoint, *values):
    return [(endpoint, "median_months", float(value)) for value in values]


def rates(endpoint, *values):
    return [(endpoint, "rate_percent", float(value)) for value in values]


def ratio(endpoint, value, low=None, high=None, *, p=None, measure="HR"):
    return [(endpoint, measure, float(value), low, high, p)]


def differences(endpoint, *values):
    return [(endpoint, "difference", float(value)) for value in values]


PRINTED = [
    ("The percentage of patients with a pCR was 61% with A and 41% with B.", rates("pCR", 61, 41)),
    ("The proportion of patients with an objective response was 62% versus 41%.", rates("ORR", 62, 41)),
    ("Median OS exceeded 40 months (41.2 months vs 30.1 months).", medians("OS", 41.2, 30.1)),
    ("Hazard ratios for OS were below 1 in all groups (P = 0.04, P = 0.03).", []),
    ("HRs favoured A for OS; toxicity scores (fatigue: 1.63; pain: 1.68) did not.", []),
    ("pCR was 48%. Compliance was good, it was 95%.", rates("pCR", 48)),
    ("pCR was 48%. In breast and axilla it was 42%.", rates("pCR", 48, 42)),
    (
        "Groups did not differ in iDFS (75.7% vs. 76.8%, p = 0.75; hazard ratio (HR) = 1.05, 95% CI = 0.65 to 1.8).",
        rates("IDFS", 75.7, 76.8) + ratio("IDFS", 1.05, 0.65, 1.8, p="0.75"),
    ),
    (
        "DFS was not better with A (DFS: 70%, 95% CI: 67-72) than with B (DFS: 68%, 95% CI: 65-70; HR = 0.88, 95% CI: 0.77-1.01).",
        rates("DFS", 70, 68) + ratio("DFS", 0.88, 0.77, 1.01),
    ),
    (
        "5-year metastasis-free survival and overall survival were 57% and 69% in A versus 74% and 88% in B.",
        rates("MFS", 57, 74) + rates("OS", 69, 88),
    ),
    (
        "Hazard ratios were similar for progression-free survival (ITT: 0.63; Asia: 0.68; other regions: 0.61) and overall survival (ITT: 0.66; Asia: 0.64).",
        ratio("PFS", 0.63) + ratio("PFS", 0.68) + ratio("PFS", 0.61) + ratio("OS", 0.66) + ratio("OS", 0.64),
    ),
    (
        "The hazard ratios for DFS were 0.56 (95% CI, 0.32 to 0.99) for locally IHC2+ cases (n = 340) and 0.80 (95% CI, 0.40 to 1.61) for others.",
        ratio("DFS", 0.56, 0.32, 0.99) + ratio("DFS", 0.8, 0.4, 1.61),
    ),
    (
        "Independent predictors of DFS were T stage (hazard ratio 2.55, 95% CI 1.01-6.48) and pCR (hazard ratio 9.15, 95% CI 1.22-68.83).",
        ratio("DFS", 2.55, 1.01, 6.48) + ratio("DFS", 9.15, 1.22, 68.83),
    ),
    (
        "OS was longer in patients whose PFS exceeded 7 months than in those with a PFS of 7 months or less (36 vs 15 months).",
        medians("OS", 36, 15),
    ),
    (
        "Median PFS was 6.0 (95% CI, 5.6 to 7.0) with A and 5.4 months (95% CI, 4.4 to 5.7) with B.",
        medians("PFS", 6, 5.4),
    ),
    (
        "Median PFS was longer with A than with B (10.7 (9.1-12.3) vs. 8.8 (8.1-9.5), p = 0.016).",
        medians("PFS", 10.7, 8.8),
    ),
    ("Median PFS was 8.0 versus 12.9-months.", medians("PFS", 8, 12.9)),
    (
        "The 5-year iDFS was 96.3% (95% CI, 76.5-99.5) for patients with pCR and 74.3% (95% CI, 39.1-91.0) for non-pCR patients.",
        rates("IDFS", 96.3, 74.3),
    ),
    (
        "2-year recurrence-free survival and distant disease-free survival were 98.1% vs 81.4% (P = 0.006) and 97.1% vs 83.3% (P = 0.01) respectively.",
        rates("RFS", 98.1, 81.4) + rates("MFS", 97.1, 83.3),
    ),
    (
        "At a median follow-up of 12 months, 90% of the patients in group I and 83.3% of the patients in group II were disease free.",
        rates("DFS", 90, 83.3),
    ),
    (
        "Overall response was 71.3 and 71.4%, a difference of - 0.1% (95% CI - 7 to 6.9).",
        rates("ORR", 71.3, 71.4) + differences("ORR", -0.1),
    ),
    ("The responders had response durations of 2.9, 7.3, 8.3, and 10.8 months.", []),
    ("10 years relative survival was 48% and 84%.", rates("other", 48, 84)),
    (
        "Objective response (risk rate = 1.53; 95% CI, 1.35-1.74) and clinical benefit response (risk rate = 1.29; 95% CI, 1.13-1.47) were better.",
        ratio("ORR", 1.53, 1.35, 1.74, measure="RR") + ratio("CBR", 1.29, 1.13, 1.47, measure="RR"),
    ),
    ("The risk of death fell (HR 0.474, 95% IC 0,303-0.742, p < 0.01).", ratio("OS", 0.474, 0.303, 0.742, p="<0.01")),
    (
        "Retreatment did not raise the risk of cardiac events (relative risk, 2.48; 95% CI: 0.86-7.15) or the incidence of CNS metastasis (P=0.83).",
        ratio("other", 2.48, 0.86, 7.15, measure="RR"),
    ),
    ("OS was worse (HR = 1.15, 95% CI = 1.02 to 1.29. P = .02).", ratio("OS", 1.15, 1.02, 1.29, p=".02")),
    (
        "The CBR was 39% with A and 65% with B (odds ratio 2.99, 95% CI 1.01-8.84) and 77% with C (odds ratio 5.34, 95% CI 1.83-15.58).",
        rates("CBR", 39, 65, 77)
        + ratio("CBR", 2.99, 1.01, 8.84, measure="OR")
        + ratio("CBR", 5.34, 1.83, 15.58, measure="OR"),
    ),
    (
        "The pCR rate was 41.0% with A and 22.0% with B (difference, 19.0% [95% CI 9.5 to 28.4]; P < 0.0001).",
        rates("pCR", 41, 22) + differences("pCR", 19),
    ),
    (
        "We found absolute benefits of 7.4% in 5-year iDFS (hazard ratio, 0.60; 95% CI, 0.33-1.07) and 9.1% in 8-year OS.",
        differences("IDFS", 7.4) + differences("OS", 9.1) + ratio("IDFS", 0.6, 0.33, 1.07),
    ),
    (
        "Median overall and progression-free survival were 22.3 and 4.1 months, respectively.",
        medians("OS", 22.3) + medians("PFS", 4.1),
    ),
    ("Responses lasted a median of 13.7 months.", medians("DoR", 13.7)),
    ("The response rate was 18.4%, made up of two CR (5.3%) and five PR (13.2%).", rates("ORR", 18.4)),
    ("An objective response was seen in 75.7%: complete in 12.8% and partial in 62.8%.", rates("ORR", 75.7)),
    ("Median PFS was 11.8 months, beyond the efficacy boundary of 8.0 months.", medians("PFS", 11.8)),
    (
        "Median PFS was 19.2 months with A and 14.8 months with B (hazard ratio, 0.88; 95% CI, 0.71-1.09; Pnoninferiority < 0.0001).",
        medians("PFS", 19.2, 14.8) + ratio("PFS", 0.88, 0.71, 1.09, p="<0.0001"),
    ),
    (
        "PFS was shorter with brain metastases than without (10.9 months vs 37.5 months, HR 3.28, p = 0.03).",
        medians("PFS", 10.9, 37.5) + ratio("PFS", 3.28, p="0.03"),
    ),
    ("The cutoff predicted pCR [OR, 188 (11-3154)].", ratio("pCR", 188, 11, 3154, measure="OR")),
    ("DC rate was therefore 61.1% (95% CI 35.7-82.7).", rates("DCR", 61.1)),
    (
        "The OS, LC and PFS rates at 1 year were 71%, 75% and 25%, respectively.",
        rates("OS", 71) + rates("PFS", 25),
    ),
    (
        "Median progression-free survival (months, 95% CI) was 10.7 (9.1-12.3) vs. 8.8 (7.4-10.1) with the combination and control.",
        medians("PFS", 10.7, 8.8),
    ),
    (
        "Median PFS in months was 10.7 (95% CI 9.1-12.3) with A and 8.8 (95% CI 7.0-9.4) with B.",
        medians("PFS", 10.7, 8.8),
    ),
    ("Median PFS was 10.7 (9.1-12.3) vs. 8.8 (7.0-9.4) months.", medians("PFS", 10.7, 8.8)),
    (
        "Median OS was 31.4 (25.1-36.0) months in group A and 22.0 (18.3-25.9) months in group B (p = 0.02).",
        medians("OS", 31.4, 22.0),
    ),
    (
        "The median survival times were 10.7, 8.8 and 6.1 months for patients with one, two and three metastases.",
        medians("OS", 10.7, 8.8, 6.1),
    ),
    (
        "Median OS was 28.1 (95% CI 20.0-36.1), 18.4 (95% CI 12.0-22.7), and 7.9 (95% CI 5.0-9.9) months in the low, medium and high groups.",
        medians("OS", 28.1, 18.4, 7.9),
    ),
    ("mPFS 12.4 vs 8.7 mo (HR 0.62, p=0.003).", ratio("PFS", 0.62, p="0.003") + medians("PFS", 12.4, 8.7)),
    ("The median TTP was 8.4 months (range, 1.2-30+ months).", medians("TTP", 8.4)),
    (
        "Median time to progression and overall survival were 9 and 24 months, respectively.",
        medians("TTP", 9) + medians("OS", 24),
    ),
    (
        "Median PFS and OS were 7.4 months (95% CI 5.5-9.2) and 21.9 months (95% CI, 18.1-25.8), respectively.",
        medians("PFS", 7.4) + medians("OS", 21.9),
    ),
    ("The median PFS (months) were 6.1 in arm A, 8.2 in arm B, and 4.0 in arm C.", medians("PFS", 6.1, 8.2, 4.0)),
    ("Median OS, months: 19.3 with drug A vs 13.6 with drug B.", medians("OS", 19.3, 13.6)),
    ("Median PFS was 5.6 months (95% CI, 5.4-8.3) for A versus 4.2 (95% CI, 3.0-5.5) for B.", medians("PFS", 5.6, 4.2)),
    ("Median overall survival was 25.2 months versus 20.1 (P = .04).", medians("OS", 25.2, 20.1)),
    (
        "PFS was significantly longer with A (median, 14.1 months) than with B (median, 9.5 months).",
        medians("PFS", 14.1, 9.5),
    ),
    (
        "At a median follow-up of 20.7 months, median PFS was 16.2 and 10.1 months in the HR-positive and HR-negative groups.",
        medians("PFS", 16.2, 10.1),
    ),
    (
        "Median duration of response was 11.1 months, and median PFS 7.2 months.",
        medians("DoR", 11.1) + medians("PFS", 7.2),
    ),
    (
        "The median PFS for first-, second- and third-line treatment was 12.0, 7.7, and 5.1 months.",
        medians("PFS", 12.0, 7.7, 5.1),
    ),
    (
        "In trial X, the median OS was 37.7 months with A and 31.2 months with B; in trial Y it was 29.9 months and 25.0 months.",
        medians("OS", 37.7, 31.2, 29.9, 25.0),
    ),
    ("Patients had a median OS of 3.9 years versus 2.1 years.", medians("OS", 46.8, 25.2)),
    ("Median survival from the diagnosis of brain metastases was 13 months.", medians("OS", 13)),
    ("Median PFS: 9.6 (7.8-11.0) months; median OS: 30.1 (24.5-NR) months.", medians("PFS", 9.6) + medians("OS", 30.1)),
    ("Median follow-up was 22 (IQR 15-30) months and median PFS 9.8 (8.1-11.4) months.", medians("PFS", 9.8)),
    ("HR of 0.71; 95 % CI 0.5 to 0.9 for overall survival.", ratio("OS", 0.71, 0.5, 0.9)),
    (
        "Overall survival was better with A (HR, 0\xb771 [0\xb758-0\xb786]; p=0\xb70004).",
        ratio("OS", 0.71, 0.58, 0.86, p="0.0004"),
    ),
    (
        "A improved progression-free survival (hazard ratio 0.71 [95% CI: 0.58, 0.86; P=.001]).",
        ratio("PFS", 0.71, 0.58, 0.86, p=".001"),
    ),
    ("There was no difference in DFS (HR: 0.98, CI: 0.80-1.20, p = 0.85).", ratio("DFS", 0.98, 0.8, 1.2, p="0.85")),
    (
        "OS was improved with a HR of 0.68 (95% CI = 0.55 to 0.83; P-value < 0.001).",
        ratio("OS", 0.68, 0.55, 0.83, p="<0.001"),
    ),
    ("Overall survival (HR 0.77; CI 95% 0.61-0.97; p = 0.03) favoured A.", ratio("OS", 0.77, 0.61, 0.97, p="0.03")),
    ("Overall survival (HR=0.77, CI95%: 0.61-0.97) favoured A.", ratio("OS", 0.77, 0.61, 0.97)),
    ("Overall survival (HR = 0.77, 95%CI: 0.61-0.97, P = 0.030) favoured A.", ratio("OS", 0.77, 0.61, 0.97, p="0.030")),
    ("The pooled HR for OS was 1.44 with 95% confidence interval of 1.21 to 1.71.", ratio("OS", 1.44, 1.21, 1.71)),
    (
        "Patients had a risk of death 1.39 times that of others (95% CI 1.10-1.76).",
        ratio("OS", 1.39, 1.1, 1.76, measure="RR"),
    ),
    ("The risk of recurrence was increased 2.4-fold (95% CI 1.5-3.8).", ratio("other", 2.4, 1.5, 3.8, measure="RR")),
    ("Mortality was increased by 1.39 times (95% CI 1.10-1.76).", ratio("OS", 1.39, 1.1, 1.76, measure="RR")),
    (
        "The odds of pCR were higher with A (OR 2.61, 95% CI 1.48 to 4.59).",
        ratio("pCR", 2.61, 1.48, 4.59, measure="OR"),
    ),
    ("pCR was more frequent (odds ratio 2.61 [1.48; 4.59]).", ratio("pCR", 2.61, 1.48, 4.59, measure="OR")),
    ("ORR was higher (risk ratio 1.31 [95% CI 1.08-1.58]).", ratio("ORR", 1.31, 1.08, 1.58, measure="RR")),
    (
        "PFS and OS were longer (HR 0.56, 95% CI 0.42-0.75, p < 0.001 and HR 0.64, 95% CI 0.45-0.91, p = 0.01, respectively).",
        ratio("PFS", 0.56, 0.42, 0.75, p="<0.001") + ratio("OS", 0.64, 0.45, 0.91, p="0.01"),
    ),
    ("The HRs for PFS and OS were 0.56 and 0.64, respectively.", ratio("PFS", 0.56) + ratio("OS", 0.64)),
    (
        "Compared with trastuzumab, A prolonged OS (HR 0.80, 95% credible interval [CrI] 0.66-0.97).",
        ratio("OS", 0.8, 0.66, 0.97),
    ),
    (
        "A ranked best for PFS (HR 0.44, 95% CrI: 0.30 to 0.66) and OS (HR 0.57, 95% CrI: 0.40 to 0.80).",
        ratio("PFS", 0.44, 0.3, 0.66) + ratio("OS", 0.57, 0.4, 0.8),
    ),
    (
        "In multivariate analysis, TILs (HR 0.93 per 10%; 95% CI 0.90-0.97) predicted DFS.",
        ratio("DFS", 0.93, 0.9, 0.97),
    ),
    (
        "High expression was associated with shorter OS (multivariable HR 1.85, 95% CI 1.22-2.79, P=.004).",
        ratio("OS", 1.85, 1.22, 2.79, p=".004"),
    ),
    ("High expression was associated with shorter DFS (P = 0.004; HR = 1.85).", ratio("DFS", 1.85, p="0.004")),
    (
        "The 5-year DFS was 89.1% versus 81.4% (HR 0.58 [95% CI 0.40, 0.84]; p=0.004).",
        ratio("DFS", 0.58, 0.4, 0.84, p="0.004") + rates("DFS", 89.1, 81.4),
    ),
    (
        "HR for death 0.71, 95% confidence interval 0.58 to 0.86; log-rank P = 0.0005.",
        ratio("OS", 0.71, 0.58, 0.86, p="0.0005"),
    ),
    (
        "The stratified hazard ratio for invasive-disease events was 0.76 (95% CI, 0.64 to 0.91; P=0.003).",
        ratio("IDFS", 0.76, 0.64, 0.91, p="0.003"),
    ),
    (
        "Disease-free survival favoured A: hazard ratio, 0.76 (two-sided 95% CI, 0.64-0.91).",
        ratio("DFS", 0.76, 0.64, 0.91),
    ),
    ("Risk of death was lower (adjusted HR [aHR] 0.82; 95% CI 0.70-0.97).", ratio("OS", 0.82, 0.7, 0.97)),
    ("A had longer PFS than B (aHR: 0.45 (0.30-0.68), p<.001).", ratio("PFS", 0.45, 0.3, 0.68, p="<.001")),
    (
        "Distant recurrence-free interval (HR, 2.16 [95% CI, 1.25 to 3.73]; P = .006) was shorter.",
        ratio("MFS", 2.16, 1.25, 3.73, p=".006"),
    ),
    (
        "The ORR, CBR and DCR were 34.5%, 51.7% and 86.2%, respectively.",
        rates("ORR", 34.5) + rates("CBR", 51.7) + rates("DCR", 86.2),
    ),
    ("ORR was 34.5 (25.1-44.0)% versus 20.1 (12.0-28.8)%.", rates("ORR", 34.5, 20.1)),
    ("pCR rates were 39.3 (95% CI 30.3-48.8), 21.5 and 16.8 % in groups A, B and C.", rates("pCR", 39.3, 21.5, 16.8)),
    ("pCR was seen in 50 of 107 patients (46.7%) given A and 31 of 107 (29.0%) given B.", rates("pCR", 46.7, 29.0)),
    ("3-year OS was 82, 75 and 61%, respectively.", rates("OS", 82, 75, 61)),
    ("Overall survival at 1, 3, and 5 years was 92%, 70% and 55%.", rates("OS", 92, 70, 55)),
    ("The 1-, 2- and 3-year OS rates were 92.0%, 70.3% and 55.9%, respectively.", rates("OS", 92, 70.3, 55.9)),
    ("The disease control rate was 72.7 percent.", rates("DCR", 72.7)),
    ("Objective responses were observed in 23 (38%) of 60 patients.", rates("ORR", 38)),
    (
        "Overall response rate 47%, clinical benefit rate 61%, and median PFS 8.1 months.",
        medians("PFS", 8.1) + rates("ORR", 47) + rates("CBR", 61),
    ),
    ("The rate of pathologic complete response (ypT0/is ypN0) was 56.1% (90% CI, 49.2 to 62.8).", rates("pCR", 56.1)),
    ("Intracranial ORR was 47% vs 20% (p = 0.03).", rates("ORR", 47, 20)),
    ("The 18-month PFS rate was 54% [43-64] in A and 38% [28-49] in B.", rates("PFS", 54, 38)),
    (
        "Estimated 4-year invasive disease-free survival was 92.3% in the pertuzumab group and 90.6% in the placebo group.",
        rates("IDFS", 92.3, 90.6),
    ),
    ("Survival at 24 months was 67% with A and 59% with B.", rates("OS", 67, 59)),
    ("Grade 3 diarrhoea occurred in 40% versus 2%.", []),
    ("Dose reductions were needed in 12%, and the ORR was 30%.", rates("ORR", 30)),
    ("A total of 45% of patients responded (ORR 45%; 95% CI 33-58).", rates("ORR", 45)),
    (
        "Of 57 evaluable patients, 6 had a complete response and 23 a partial response, for an overall response rate of 51%.",
        rates("ORR", 51),
    ),
    ("pCR was achieved by 62.5% in the HR-negative and by 41.0% in the HR-positive group.", rates("pCR", 62.5, 41.0)),
    ("DFS at 5 years: 85% (A), 79% (B).", rates("DFS", 85, 79)),
    ("Six-month PFS was 44.4%.", rates("PFS", 44.4)),
    ("The 2-year cumulative incidence of brain metastases was 12%.", []),
    ("Median age was 54 years, 45% had visceral disease and median PFS was not reached.", []),
    ("Adding P increased the pCR rate from 29.0% to 45.8%.", rates("pCR", 29.0, 45.8)),
    (
        "Median PFS increased from 12.4 months to 18.5 months (HR 0.62; 95% CI, 0.51-0.75).",
        ratio("PFS", 0.62, 0.51, 0.75) + medians("PFS", 12.4, 18.5),
    ),
    ("Median OS improved from 20.3 months in 2001 to 48 months in 2013.", medians("OS", 20.3, 48)),
    (
        "The median OS in patients with PIK3CA mutations was 18 months and 30 months in those without.",
        medians("OS", 18, 30),
    ),
    (
        "Median PFS for patients who received A was 8.1 months compared with 5.0 months for those who received B.",
        medians("PFS", 8.1, 5.0),
    ),
    (
        "The ORR in patients with brain metastases was 40% and the median PFS was 7 months.",
        medians("PFS", 7) + rates("ORR", 40),
    ),
    ("Among patients with measurable disease, the ORR was 55%; 12% discontinued treatment.", rates("ORR", 55)),
    (
        "Patients with low expression had longer PFS than those with high expression (14.2 vs 8.1 months, p=0.01).",
        medians("PFS", 14.2, 8.1),
    ),
    (
        "pCR rates were higher in patients with mutations than in those with wild-type tumours (45% vs. 20%).",
        rates("pCR", 45, 20),
    ),
    ("The median age was 54 years and median follow-up was 24 months; 5-year OS was 80%.", rates("OS", 80)),
    ("HER2 was positive in 18% versus 12%.", []),
    ("Expression was 2.4-fold higher in tumours.", []),
    ("ALT above 2.5 times the upper limit was seen in 4%.", []),
    ("Tumour volume was reduced by 45% and survival of mice increased by 20%.", []),
    ("TTP was 7.1 months v 4.9 months and ORR 22% v 14%.", medians("TTP", 7.1, 4.9) + rates("ORR", 22, 14)),
    ("A total of 312 patients (62%) were treated with A; median OS: 24.1 mo (IQR 12-36).", medians("OS", 24.1)),
    (
        "PFS HR: 0.55 (95% CI 0.41-0.74), OS HR: 0.73 (95% CI 0.52-1.03).",
        ratio("PFS", 0.55, 0.41, 0.74) + ratio("OS", 0.73, 0.52, 1.03),
    ),
    (
        "A was associated with longer PFS (HR=0.55; 95%CI=0.41, 0.74; P<.001) and OS (HR=0.73; 95%CI=0.52, 1.03; P=.07).",
        ratio("PFS", 0.55, 0.41, 0.74, p="<.001") + ratio("OS", 0.73, 0.52, 1.03, p=".07"),
    ),
    (
        "Hazard ratios (95% CI) for PFS and OS were 0.55 (0.41-0.74) and 0.73 (0.52-1.03).",
        ratio("PFS", 0.55, 0.41, 0.74) + ratio("OS", 0.73, 0.52, 1.03),
    ),
    ("HR [95% CI]: 0.55 [0.41; 0.74] for PFS.", ratio("PFS", 0.55, 0.41, 0.74)),
    ("Risk of progression was reduced by 38% (HR 0.62).", ratio("PFS", 0.62)),
    (
        "There was a 29% reduction in the risk of death (hazard ratio, 0.71; 95% CI, 0.58 to 0.86; P<0.001).",
        ratio("OS", 0.71, 0.58, 0.86, p="<0.001"),
    ),
    (
        "The 5-year DFS rate was 86.3% (95% CI 84-88%) in group A, 84.1% (82-86) in B, and 80.2% (78-82) in C.",
        rates("DFS", 86.3, 84.1, 80.2),
    ),
    ("At 5 years, 84% of patients were alive and disease-free.", rates("DFS", 84)),
    ("At 36 months, OS was 70% v 61%.", rates("OS", 70, 61)),
    (
        "Four-year DFS was 90.4% with A and 88.1% with B; difference 2.3%.",
        rates("DFS", 90.4, 88.1) + differences("DFS", 2.3),
    ),
    (
        "Cardiac events occurred in 3.2% of A and 0.8% of B patients (HR 4.1, 95% CI 1.5-11.2).",
        ratio("other", 4.1, 1.5, 11.2),
    ),
    ("Response rate (RR) was 35% and 27%, respectively (P = 0.09).", rates("ORR", 35, 27)),
    ("The pooled ORR was 0.31 (95% CI 0.22-0.41).", []),
    (
        "Median DoR was 20.8 months (95% CI, 15.0 to not reached); median PFS was 16.4 months (95% CI, 12.7 to not reached).",
        medians("DoR", 20.8) + medians("PFS", 16.4),
    ),
    (
        "Objective response rate: 31% (CR 4%, PR 27%); stable disease >= 6 months 20%; CBR 51%.",
        rates("ORR", 31) + rates("CBR", 51),
    ),
    ("The clinical benefit rate (CR + PR + SD >= 24 weeks) was 41%.", rates("CBR", 41)),
    ("Of 40 patients, 2 (5%) achieved CR and 14 (35%) PR, resulting in an ORR of 40%.", rates("ORR", 40)),
    ("pCR (breast and nodes) occurred in 36 (39%; 95% CI 29-50) of 92 patients.", rates("pCR", 39)),
    (
        "Relapse-free survival at five years was 77.8% (A) and 74.9% (B) (hazard ratio 0.85, 0.74 to 0.98, P=0.02).",
        ratio("RFS", 0.85, 0.74, 0.98, p="0.02") + rates("RFS", 77.8, 74.9),
    ),
    ("Adjusted odds ratio for pCR = 3.2 (1.4-7.3).", ratio("pCR", 3.2, 1.4, 7.3, measure="OR")),
    (
        "OR of pCR was 3.2 (95% confidence interval 1.4 to 7.3, P = 0.006).",
        ratio("pCR", 3.2, 1.4, 7.3, p="0.006", measure="OR"),
    ),
    (
        "The relative risk of recurrence was 0.54 (0.43-0.67; p<0.0001).",
        ratio("other", 0.54, 0.43, 0.67, p="<0.0001", measure="RR"),
    ),
    (
        "TILs were associated with pCR (OR per 10% increment 1.2, 95% CI 1.1-1.3).",
        ratio("pCR", 1.2, 1.1, 1.3, measure="OR"),
    ),
    (
        "Overall survival favoured A (stratified HR=0\xb768, 97\xb75% CI 0\xb756-0\xb784, one-sided p<0\xb70001).",
        ratio("OS", 0.68, 0.56, 0.84, p="<0.0001"),
    ),
    (
        "OS was longer with A [hazard ratio (HR) = 0.68; 95% confidence interval (CI): 0.56-0.84; p < 0.0001].",
        ratio("OS", 0.68, 0.56, 0.84, p="<0.0001"),
    ),
    (
        "The HR was 0.68 (0.56\u20130.84) for OS and 0.75 (0.60\u20130.94) for PFS.",
        ratio("OS", 0.68, 0.56, 0.84) + ratio("PFS", 0.75, 0.6, 0.94),
    ),
    (
        "A vs B: PFS 6.2 vs 4.1 months, HR 0.71, p = 0.02; OS 14 vs 12 months, HR 0.9, p = 0.4.",
        ratio("PFS", 0.71, p="0.02") + ratio("OS", 0.9, p="0.4") + medians("PFS", 6.2, 4.1) + medians("OS", 14, 12),
    ),
    (
        "The hazard ratio for patients with one was 2.14 (95% CI 1.60-2.86), and for patients with two was 2.43 (95% CI 1.77-3.34).",
        ratio("other", 2.14, 1.6, 2.86) + ratio("other", 2.43, 1.77, 3.34),
    ),
    (
        "The 3-, 5-, and 10-year breast cancer-specific survival rates were 97%, 92%, and 88%, respectively.",
        rates("other", 97, 92, 88),
    ),
    ("Patients had a 21.7% 5-year survival and a 45% objective response rate.", rates("OS", 21.7) + rates("ORR", 45)),
    ("Lapatinib achieved an ORR of 25% and a 2.8-month median PFS.", rates("ORR", 25) + medians("PFS", 2.8)),
    (
        "Patients had worse median progression-free survival (PFS) (3.8 vs 6.3 months) and median overall survival (10.8 vs 20.6 months).",
        medians("PFS", 3.8, 6.3) + medians("OS", 10.8, 20.6),
    ),
    ("Lesion size predicted OS (HR 1.11, p = <0.001).", ratio("OS", 1.11, p="<0.001")),
    (
        "Hazard ratios for death were 1.84 (95% confidence interval [CI] 1.22-2.77), 2.21 (95% CI 1.58-3.11) and 1.82 (95% CI 1.21-2.74).",
        ratio("OS", 1.84, 1.22, 2.77) + ratio("OS", 2.21, 1.58, 3.11) + ratio("OS", 1.82, 1.21, 2.74),
    ),
]


def test_an_abbreviation_that_an_abstract_defines_for_itself_is_its_endpoint():
    methods = AbstractSection(
        label="METHODS",
        nlm_category="METHODS",
        text="Brain metastasis-free survival (BMFS) and overall survival from start of its treatment (OSBM) were estimated.",
    )
    results = AbstractSection(label="RESULTS", nlm_category="RESULTS", text="BMFS was 9 months. OSBM was 20 months.")
    article = Article(kind="article", pmid=1, pmid_version=1, title="A cohort", abstract=(methods, results))

    found = [(o.endpoint, o.measure, o.value) for o in read_outcomes(Document(article), TOPIC, "observational")]

    assert found == medians("MFS", 9) + medians("OS", 20)


@pytest.mark.parametrize(("printed", "read"), PRINTED)
def test_a_result_is_read_as_a_reader_reads_it(printed, read):
    section = AbstractSection(label="RESULTS", nlm_category="RESULTS", text=printed)
    article = Article(kind="article", pmid=1, pmid_version=1, title="A trial", abstract=(section,))

    outcomes = read_outcomes(Document(article), TOPIC, "phase3_rct")

    found = [(o.endpoint, o.measure, o.value) for o in outcomes if o.measure not in RATIOS]
    found += [(o.endpoint, o.measure, o.value, o.ci_low, o.ci_high, o.p) for o in outcomes if o.measure in RATIOS]
    assert sorted(found, key=repr) == sorted(read, key=repr)
