"""Statistics of counts. They take plain numbers and tables, so they work without a corpus."""

from tifa.stats.agreement import krippendorff_alpha
from tifa.stats.bootstrap import bootstrap_rates, bootstrap_shares
from tifa.stats.classification import (
    classification_scores,
    macro_f1,
    macro_f1_difference,
)
from tifa.stats.collocates import association
from tifa.stats.corrected_share import corrected_share
from tifa.stats.dispersion import dispersion
from tifa.stats.folds import grouped_folds
from tifa.stats.jackknife import jackknife
from tifa.stats.keyness import keyness, log_ratio, signed_g2, weighted_log_odds
from tifa.stats.local_alignment import local_alignment
from tifa.stats.measures import (
    diversity_of_counts,
    more_association,
    more_dispersion,
    more_keyness,
    reuse,
)
from tifa.stats.rate_ratio import rate_ratios
from tifa.stats.rates import poisson_interval, rates
from tifa.stats.sequences import sequences
from tifa.stats.shares import exact_share_interval, shares

__all__ = [
    "association",
    "bootstrap_rates",
    "bootstrap_shares",
    "classification_scores",
    "corrected_share",
    "dispersion",
    "diversity_of_counts",
    "exact_share_interval",
    "grouped_folds",
    "jackknife",
    "keyness",
    "krippendorff_alpha",
    "local_alignment",
    "log_ratio",
    "macro_f1",
    "macro_f1_difference",
    "more_association",
    "more_dispersion",
    "more_keyness",
    "poisson_interval",
    "rate_ratios",
    "rates",
    "reuse",
    "sequences",
    "shares",
    "signed_g2",
    "weighted_log_odds",
]
