"""What the figures take for granted, in one place. None of it is measured."""

MINUTES_PER_REVIEW = 6.0
"""Of a person at the exception desk, from opening a review to its decision. Put your own desk's in here."""

CONFIDENCE = 0.95
"""Of every interval: two-sided, with half of the rest on each side"""

SIGNIFICANCE = 0.05
"""One-sided: how often a comparison of two equal agents may call one of them worse"""

POWER = 0.8
"""How often a regression of the named size is seen"""

FEWEST_CASES = 20
"""Fewer independent cases than this are too few to judge a figure that is no share of cases"""

BINS = 10
"""Of equal width, for calibration"""
