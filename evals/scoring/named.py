"""The figures of a part that a gate can name."""

FIGURES = {
    "passed": "passed",
    "right": "right",
    "errors": "errors",
    "wrong_rule": "wrong_rule",
    "near_miss": "near_miss",
    "forbidden": "forbidden",
    "leaked": "leaked",
    "pass_all_epochs": "pass_all_epochs",
    "reason_macro_f1": "reasons.macro_f1",
    "reason_accuracy": "reasons.accuracy",
    "extraction_f1": "extraction.f1",
    "touchless": "escalation.touchless",
    "wrong_auto": "escalation.wrong_auto",
    "missed": "escalation.missed",
    "needless": "escalation.needless",
    "undecided": "escalation.undecided",
    "minutes_per_case": "escalation.minutes_per_case",
    "ece": "calibration.ece",
    "attacked": "attacks.attacked",
    "utility_kept": "attacks.utility_kept",
    "latency_median": "effort.latency_median",
    "latency_p95": "effort.latency_p95",
    "cost": "effort.cost",
}
"""Where each figure that a gate can name stands in a part"""
